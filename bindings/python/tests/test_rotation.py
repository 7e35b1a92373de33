"""Whole rotations, and creates and rotations whose answer is lost."""

from __future__ import annotations

import asyncio

import pytest
from stytch_m2m import (
    AsyncClient,
    AuthenticationError,
    Client,
    ConflictError,
    M2MClientWithClientSecret,
    NetworkError,
    NotFoundError,
    OutcomeUnknownError,
)
from support import answer, emulator


def fault(operation: str, effect: str, times: int = 1) -> None:
    emulator("faults", {"operation": operation, "effect": {"type": effect}, "times": times})


async def test_a_create_is_repeated_until_it_is_known(any_client: Client | AsyncClient) -> None:
    clients = any_client.m2m.clients
    fault("create", "drop_answer")
    created = (await answer(clients.create(scopes=["read:users"], idempotent=True))).m2m_client
    assert created.client_id.startswith("m2m-client-test-")
    assert len(created.client_secret) == 44
    settings = {"client_id": created.client_id, "client_secret": created.client_secret}
    again = await answer(clients.create(scopes=["read:users"], **settings, idempotent=True))
    assert again.m2m_client == created
    with pytest.raises(ConflictError):
        await answer(clients.create(scopes=["write:users"], **settings, idempotent=True))
    assert (await answer(any_client.m2m.token(**settings))).access_token
    await answer(clients.delete(client_id=created.client_id))


async def test_a_create_that_is_not_repeatable_says_so(any_client: Client | AsyncClient) -> None:
    fault("create", "drop_answer")
    with pytest.raises(OutcomeUnknownError) as unknown:
        await answer(any_client.m2m.clients.create(scopes=[], client_name="lost"))
    assert unknown.value.recovery
    query = {"operands": [{"filter_name": "client_name", "filter_value": ["lost"]}]}
    (lost,) = (await answer(any_client.m2m.clients.search(query=query))).m2m_clients
    await answer(any_client.m2m.clients.delete(client_id=lost.client_id))


async def test_a_lost_rotation_is_recovered(
    any_client: Client | AsyncClient, credential: M2MClientWithClientSecret
) -> None:
    secrets, client_id = any_client.m2m.clients.secrets, credential.client_id
    fault("rotate_start", "drop_answer")
    with pytest.raises(OutcomeUnknownError):
        await answer(secrets.rotate_start(client_id=client_id))
    recovered = (await answer(secrets.recover_rotation(client_id=client_id))).m2m_client
    ended = await answer(
        secrets.rotate_finish(client_id=client_id, next_client_secret=recovered.next_client_secret)
    )
    assert ended.m2m_client.client_secret_last_four == recovered.next_client_secret[-4:]


async def test_the_current_secret_given_as_the_next_one_ends_nothing(
    any_client: Client | AsyncClient, credential: M2MClientWithClientSecret
) -> None:
    secrets, client_id = any_client.m2m.clients.secrets, credential.client_id
    await answer(secrets.rotate_start(client_id=client_id))
    with pytest.raises(ConflictError) as refused:
        await answer(
            secrets.rotate_finish(client_id=client_id, next_client_secret=credential.client_secret)
        )
    assert refused.value.recovery and refused.value.recovery in str(refused.value)
    await under_way(any_client, credential)


async def test_a_failed_proof_cancels_nothing(
    any_client: Client | AsyncClient, credential: M2MClientWithClientSecret
) -> None:
    secrets, client_id = any_client.m2m.clients.secrets, credential.client_id
    stored: list[str] = []
    fault("token", "reset", times=3)
    with pytest.raises(NetworkError) as lost:
        await answer(secrets.rotate_with(client_id=client_id, store=stored.append))
    assert lost.value.recovery and "rotate_finish" in lost.value.recovery
    await under_way(any_client, credential)
    await answer(secrets.rotate_finish(client_id=client_id, next_client_secret=stored[0]))


async def test_a_whole_rotation(
    any_client: Client | AsyncClient, credential: M2MClientWithClientSecret
) -> None:
    stored: list[str] = []
    rotated = await answer(
        any_client.m2m.clients.secrets.rotate_with(
            client_id=credential.client_id, store=stored.append
        )
    )
    (secret,) = stored
    assert rotated.m2m_client.client_secret_last_four == secret[-4:]
    assert rotated.m2m_client.next_client_secret_last_four is None
    await answer(any_client.m2m.token(client_id=credential.client_id, client_secret=secret))
    with pytest.raises(AuthenticationError):
        await answer(
            any_client.m2m.token(
                client_id=credential.client_id, client_secret=credential.client_secret
            )
        )


async def test_the_store_may_be_a_coroutine(
    async_client: AsyncClient, client: Client, credential: M2MClientWithClientSecret
) -> None:
    stored: list[str] = []

    async def store(secret: str) -> None:
        await asyncio.sleep(0)
        stored.append(secret)

    await async_client.m2m.clients.secrets.rotate_with(client_id=credential.client_id, store=store)
    settings = {"client_id": credential.client_id, "client_secret": stored[0]}
    assert await async_client.m2m.token(**settings)

    with (
        pytest.raises(TypeError, match="AsyncClient"),
        pytest.warns(RuntimeWarning, match="never awaited"),
    ):
        client.m2m.clients.secrets.rotate_with(client_id=credential.client_id, store=store)
    found = client.m2m.clients.get(client_id=credential.client_id).m2m_client
    assert found.next_client_secret_last_four is None


class Full(OSError):
    """The store's own error."""


@pytest.mark.parametrize("kind", [Full, KeyboardInterrupt, asyncio.CancelledError])
async def test_a_failing_store_cancels_the_rotation(
    any_client: Client | AsyncClient,
    credential: M2MClientWithClientSecret,
    kind: type[BaseException],
) -> None:
    error = kind("the store's own")

    def store(_: str) -> None:
        raise error

    with pytest.raises(kind) as raised:
        await answer(
            any_client.m2m.clients.secrets.rotate_with(client_id=credential.client_id, store=store)
        )
    assert raised.value is error
    await unchanged(any_client, credential)


async def test_a_rotation_that_cannot_be_cancelled_is_logged(
    any_client: Client | AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    created = (await answer(any_client.m2m.clients.create(scopes=[]))).m2m_client
    other = Client()

    def store(_: str) -> None:
        other.m2m.clients.delete(client_id=created.client_id)
        raise Full("disk full")

    with pytest.raises(Full):
        await answer(
            any_client.m2m.clients.secrets.rotate_with(client_id=created.client_id, store=store)
        )
    assert "the rotation is still under way code=not_found" in caplog.messages


async def test_the_errors_of_a_rotation_come_through(any_client: Client | AsyncClient) -> None:
    with pytest.raises(NotFoundError):
        await answer(
            any_client.m2m.clients.secrets.rotate_with(
                client_id="m2m-client-test-unknown", store=must_not_be_called
            )
        )


def must_not_be_called(_: str) -> None:
    raise AssertionError("there is nothing to store")


async def under_way(
    any_client: Client | AsyncClient, credential: M2MClientWithClientSecret
) -> None:
    """The rotation is not over, and the current secret works."""
    found = await answer(any_client.m2m.clients.get(client_id=credential.client_id))
    assert found.m2m_client.next_client_secret_last_four is not None
    settings = {"client_id": credential.client_id, "client_secret": credential.client_secret}
    assert await answer(any_client.m2m.token(**settings, force_refresh=True))


async def unchanged(
    any_client: Client | AsyncClient, credential: M2MClientWithClientSecret
) -> None:
    """The rotation is gone, and the secret is as it was."""
    found = await answer(any_client.m2m.clients.get(client_id=credential.client_id))
    assert found.m2m_client.next_client_secret_last_four is None
    settings = {"client_id": credential.client_id, "client_secret": credential.client_secret}
    assert await answer(any_client.m2m.token(**settings, force_refresh=True))
