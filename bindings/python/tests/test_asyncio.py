"""What asyncio users rely on: cancelling, an event loop that is never blocked, any event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from stytch_m2m import AsyncClient, AsyncTokenVerifier, M2MClientWithClientSecret
from support import issue, silent_server, token_requests


async def until(condition: Callable[[], bool]) -> bool:
    """Whether the condition comes to hold within ten seconds, while the event loop runs."""
    for _ in range(1000):
        if condition():
            return True
        await asyncio.sleep(0.01)
    return False


async def test_a_cancelled_task_drops_its_request() -> None:
    with silent_server() as server:
        client = AsyncClient(base_url=server.base_url)
        task = asyncio.create_task(client.m2m.clients.get(client_id="x"))
        assert await until(lambda: server.asked == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await until(lambda: server.dropped == 1)


async def test_wait_for_drops_its_request() -> None:
    with silent_server() as server:
        client = AsyncClient(base_url=server.base_url)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.m2m.clients.get(client_id="x"), 0.3)
        assert server.asked == 1
        assert await until(lambda: server.dropped == 1)


async def test_a_caller_that_gives_up_takes_nothing_from_the_others(
    async_client: AsyncClient, credential: M2MClientWithClientSecret
) -> None:
    settings = {"client_id": credential.client_id, "client_secret": credential.client_secret}
    tasks = [asyncio.create_task(async_client.m2m.token(**settings)) for _ in range(10)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    first, *others = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(first, asyncio.CancelledError)
    assert len({token.access_token for token in others}) == 1
    assert token_requests(credential.client_id) == 1


async def test_a_cold_key_set_does_not_block_the_event_loop() -> None:
    with silent_server() as server:
        verifier = AsyncTokenVerifier(base_url=server.base_url)
        task = asyncio.create_task(verifier.authenticate_token(access_token=issue()))
        assert await until(lambda: server.asked == 1)
        for _ in range(100):
            await asyncio.sleep(0)
        assert not task.done()
        task.cancel()


async def test_a_warm_verification_does_not_leave_the_event_loops_turn(
    async_client: AsyncClient, access_token: str
) -> None:
    await async_client.m2m.warm_up()
    call = async_client.m2m.authenticate_token(access_token=access_token)
    with pytest.raises(StopIteration) as returned:
        call.send(None)
    assert returned.value.value.scopes == ["read:users", "write:users"]


async def test_a_cached_token_does_not_leave_the_event_loops_turn(
    async_client: AsyncClient, credential: M2MClientWithClientSecret
) -> None:
    settings = {"client_id": credential.client_id, "client_secret": credential.client_secret}
    token = await async_client.m2m.token(**settings)
    with pytest.raises(StopIteration) as returned:
        async_client.m2m.token(**settings).send(None)
    assert returned.value.value.access_token == token.access_token


def test_one_client_serves_one_event_loop_after_another(
    credential: M2MClientWithClientSecret,
) -> None:
    client = AsyncClient()

    async def name() -> str:
        return (await client.m2m.clients.get(client_id=credential.client_id)).m2m_client.client_id

    async def abandon() -> None:
        task = asyncio.create_task(name())
        await asyncio.sleep(0)
        assert not task.done()

    assert asyncio.run(name()) == credential.client_id
    asyncio.run(abandon())
    assert asyncio.run(name()) == credential.client_id


async def test_calls_are_coroutines(
    async_client: AsyncClient, credential: M2MClientWithClientSecret
) -> None:
    call = async_client.m2m.clients.get(client_id=credential.client_id)
    assert asyncio.iscoroutine(call)
    assert (await asyncio.create_task(call)).m2m_client.client_id == credential.client_id
