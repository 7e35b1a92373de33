"""The main job, end to end, with either client."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone

import pytest
from stytch_m2m import (
    AsyncClient,
    AsyncTokenSource,
    AsyncTokenVerifier,
    AuthenticationError,
    B2BClient,
    Client,
    ConflictError,
    InsufficientScopeError,
    InvalidTokenError,
    IssuerConfig,
    M2MClientWithClientSecret,
    NotFoundError,
    TokenSource,
    TokenVerifier,
)
from support import answer, emulator, eventually, token_requests


async def test_from_creation_to_deletion(any_client: Client | AsyncClient) -> None:
    m2m = any_client.m2m
    created = await answer(
        m2m.clients.create(
            scopes=["read:users", "write:users"],
            client_name="payments",
            client_description="Pays.",
            trusted_metadata={"team": "payments", "level": 3, "tags": ["a", None]},
        )
    )
    assert created.status_code == 200
    assert created.request_id.startswith("request-id-")
    m2m_client = created.m2m_client
    client_id, client_secret = m2m_client.client_id, m2m_client.client_secret
    assert client_id.startswith("m2m-client-test-")
    assert m2m_client.client_name == "payments"
    assert m2m_client.client_description == "Pays."
    assert m2m_client.status == "active"
    assert m2m_client.scopes == ["read:users", "write:users"]
    assert m2m_client.trusted_metadata == {"team": "payments", "level": 3, "tags": ["a", None]}
    assert m2m_client.client_secret_last_four == client_secret[-4:]
    assert m2m_client.next_client_secret_last_four is None

    token = await answer(m2m.token(client_id=client_id, client_secret=client_secret))
    again = await answer(m2m.token(client_id=client_id, client_secret=client_secret))
    assert again.access_token == token.access_token
    assert token_requests(client_id) == 1
    assert token.token_type == "bearer"
    assert 3590 < token.expires_in <= 3600
    assert_about_an_hour_from_now(token.expires_at)

    claims = await answer(
        m2m.authenticate_token(access_token=token.access_token, required_scopes=["read:users"])
    )
    assert claims.client_id == client_id
    assert claims.scopes == ["read:users", "write:users"]
    assert claims.custom_claims == {}
    assert claims.audience == [any_client._native.project_id]
    assert claims.issuer == f"stytch.com/{any_client._native.project_id}"
    assert_about_an_hour_from_now(claims.expires_at)
    assert claims.issued_at == claims.not_before == claims.expires_at - timedelta(hours=1)

    with pytest.raises(InsufficientScopeError) as refused:
        await answer(
            m2m.authenticate_token(
                access_token=token.access_token, required_scopes=["read:users", "delete:users"]
            )
        )
    assert refused.value.missing_scopes == ["delete:users"]
    assert refused.value.http_status == 403

    update = await answer(
        m2m.clients.update(
            client_id=client_id, status="inactive", trusted_metadata={"team": None, "cost": 1.5}
        )
    )
    assert update.m2m_client.status == "inactive"
    assert update.m2m_client.trusted_metadata == {"level": 3, "tags": ["a", None], "cost": 1.5}
    with pytest.raises(AuthenticationError) as refused_token:
        await answer(
            m2m.token(client_id=client_id, client_secret=client_secret, force_refresh=True)
        )
    assert refused_token.value.status_code == 401
    assert refused_token.value.error_type == "invalid_client"
    still = await answer(m2m.authenticate_token(access_token=token.access_token))
    assert still == claims

    deleted = await answer(m2m.clients.delete(client_id=client_id))
    assert deleted.client_id == client_id
    with pytest.raises(NotFoundError) as gone:
        await answer(m2m.clients.get(client_id=client_id))
    assert gone.value.error_type == "m2m_client_not_found"
    assert gone.value.request_id


def assert_about_an_hour_from_now(time: datetime) -> None:
    distance = time - datetime.now(timezone.utc)
    assert timedelta(minutes=59) < distance <= timedelta(minutes=60)


async def test_a_secret_is_rotated(
    any_client: Client | AsyncClient, credential: M2MClientWithClientSecret
) -> None:
    secrets, client_id = any_client.m2m.clients.secrets, credential.client_id
    started = await answer(secrets.rotate_start(client_id=client_id))
    next_secret = started.m2m_client.next_client_secret
    assert started.m2m_client.next_client_secret_last_four == next_secret[-4:]
    with pytest.raises(ConflictError):
        await answer(secrets.rotate_start(client_id=client_id))
    cancelled = await answer(secrets.rotate_cancel(client_id=client_id))
    assert cancelled.m2m_client.next_client_secret_last_four is None

    started = await answer(secrets.rotate_start(client_id=client_id))
    rotated = await answer(secrets.rotate(client_id=client_id))
    assert (
        rotated.m2m_client.client_secret_last_four
        == started.m2m_client.next_client_secret_last_four
    )
    with pytest.raises(AuthenticationError):
        await answer(
            any_client.m2m.token(client_id=client_id, client_secret=credential.client_secret)
        )
    token = await answer(
        any_client.m2m.token(
            client_id=client_id, client_secret=started.m2m_client.next_client_secret
        )
    )
    assert token.access_token


async def test_clients_are_found_page_by_page(client: Client, async_client: AsyncClient) -> None:
    scope = "search:paging"
    ids = [client.m2m.clients.create(scopes=[scope]).m2m_client.client_id for _ in range(5)]
    query = {"operator": "AND", "operands": [{"filter_name": "scopes", "filter_value": [scope]}]}

    page = client.m2m.clients.search(limit=2, query=query)
    assert page.results_metadata.total == 5
    assert len(page.m2m_clients) == 2
    following = await async_client.m2m.clients.search(
        limit=2, query=query, cursor=page.results_metadata.next_cursor
    )
    assert not {c.client_id for c in following.m2m_clients} & {
        c.client_id for c in page.m2m_clients
    }

    found = [found.client_id for found in client.m2m.clients.search_all(limit=2, query=query)]
    assert sorted(found) == sorted(ids)
    everything = async_client.m2m.clients.search_all(limit=2, query=query)
    assert [found.client_id async for found in everything] == found

    for client_id in ids:
        client.m2m.clients.delete(client_id=client_id)


async def test_a_source_keeps_its_token(credential: M2MClientWithClientSecret) -> None:
    settings = {
        "client_id": credential.client_id,
        "client_secret": credential.client_secret,
        "scopes": ["read:users"],
    }
    with TokenSource(**settings) as source:
        token = source.get_token()
        assert source.get_token().access_token == token.access_token
        # One object serves while the token is the same and expires in as many seconds.
        assert eventually(lambda: source.get_token() is source.get_token())
        assert source.authorization_header() == f"Bearer {token.access_token}"
        assert token_requests(credential.client_id) == 1
        assert TokenVerifier().authenticate_token(access_token=token.access_token).scopes == [
            "read:users"
        ]
        source.invalidate("another")
        assert source.get_token().access_token == token.access_token
        source.invalidate(token.access_token)
        source.get_token()
        assert token_requests(credential.client_id) == 2

    async with AsyncTokenSource(**settings) as async_source:
        token = await async_source.get_token()
        assert await async_source.authorization_header() == f"Bearer {token.access_token}"
        assert token_requests(credential.client_id) == 3


async def test_a_verifier_needs_no_secret(
    monkeypatch: pytest.MonkeyPatch, access_token: str
) -> None:
    monkeypatch.delenv("STYTCH_SECRET")
    with TokenVerifier() as verifier:
        verifier.warm_up()
        asked = emulator("counts")
        claims = verifier.authenticate_token(access_token=access_token)
        assert emulator("counts") == asked
    async with AsyncTokenVerifier() as async_verifier:
        await async_verifier.warm_up()
        assert await async_verifier.authenticate_token(access_token=access_token) == claims


def test_a_verifier_takes_several_issuers(client: Client, access_token: str) -> None:
    project_id, base_url = client._native.project_id, os.environ["STYTCH_BASE_URL"]
    ours = IssuerConfig.stytch(project_id=project_id, base_url=base_url)
    theirs = IssuerConfig.auth0(domain="example.eu.auth0.com", audience="https://api.example.com")
    assert theirs.issuers == ["https://example.eu.auth0.com/"]
    assert theirs.profile == "auth0"
    names = {"read": "read:invoices"}
    renamed = IssuerConfig.auth0(domain="example.eu.auth0.com", audience="api", scope_map=names)
    assert renamed.scope_map == names
    verifier = TokenVerifier(issuers=[theirs, ours])
    assert verifier.authenticate_token(access_token=access_token).issuer in ours.issuers

    with pytest.raises(InvalidTokenError) as refused:
        TokenVerifier(issuers=[theirs]).authenticate_token(access_token=access_token)
    assert refused.value.reason == "key_not_found"
    assert refused.value.http_status == 401


def test_a_b2b_project_has_another_key_set(access_token: str) -> None:
    before = emulator("counts")
    with B2BClient() as b2b:
        assert b2b.m2m.authenticate_token(access_token=access_token)
    assert emulator("counts") != before


async def test_a_closed_client_says_so(access_token: str) -> None:
    client, async_client = Client(), AsyncClient()
    client.close()
    client.close()
    for call in (
        lambda: client.m2m.clients.get(client_id="x"),
        lambda: client.m2m.token(client_id="x", client_secret="y"),
        lambda: client.m2m.authenticate_token(access_token=access_token),
    ):
        with pytest.raises(RuntimeError, match="closed"):
            call()
    await async_client.aclose()
    with pytest.raises(RuntimeError, match="closed"):
        await async_client.m2m.authenticate_token(access_token=access_token)
