"""What caches say of themselves, and key sets that travel."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from stytch_m2m import (
    AsyncClient,
    AsyncTokenSource,
    AsyncTokenVerifier,
    CacheStats,
    Client,
    InvalidConfigError,
    KeysUnavailableError,
    M2MClientWithClientSecret,
    TokenSource,
    TokenVerifier,
)
from support import answer, closed_port, emulator, issue, token_requests

NOTHING = CacheStats(hits=0, misses=0, refreshes=0, failures=0, stale_served=0, flights_joined=0)
EITHER = pytest.mark.parametrize("make", [TokenVerifier, AsyncTokenVerifier])


async def test_a_client_counts(
    any_client: Client | AsyncClient, credential: M2MClientWithClientSecret
) -> None:
    assert any_client.stats().tokens == any_client.stats().keys == NOTHING
    settings = {"client_id": credential.client_id, "client_secret": credential.client_secret}
    for _ in range(3):
        token = await answer(any_client.m2m.token(**settings))
        await answer(any_client.m2m.authenticate_token(access_token=token.access_token))
    stats = any_client.stats()
    once = dataclasses.replace(NOTHING, hits=2, misses=1, refreshes=1)
    assert (stats.tokens, stats.keys) == (once, once)


@pytest.mark.parametrize("make", [TokenSource, AsyncTokenSource])
async def test_a_source_counts(
    make: Callable[..., Any], credential: M2MClientWithClientSecret
) -> None:
    source = make(client_id=credential.client_id, client_secret=credential.client_secret)
    assert source.stats() == NOTHING
    for _ in range(3):
        await answer(source.get_token())
    assert source.stats() == dataclasses.replace(NOTHING, hits=2, misses=1, refreshes=1)


async def test_a_refused_token_of_a_client_is_forgotten(
    any_client: Client | AsyncClient, credential: M2MClientWithClientSecret
) -> None:
    settings = {"client_id": credential.client_id, "client_secret": credential.client_secret}
    token = await answer(any_client.m2m.token(**settings))
    any_client.m2m.invalidate_token("another")
    await answer(any_client.m2m.token(**settings))
    assert token_requests(credential.client_id) == 1
    any_client.m2m.invalidate_token(token.access_token)
    await answer(any_client.m2m.token(**settings))
    assert token_requests(credential.client_id) == 2


@EITHER
async def test_health_tells_how_keys_are(make: Callable[..., Any]) -> None:
    verifier = make()
    (health,) = verifier.health()
    assert (health.state, health.keys, health.fetched_at) == ("missing", 0, None)
    await answer(verifier.warm_up())
    (health,) = verifier.health()
    assert health.state == "fresh"
    assert health.issuer.startswith("stytch.com/project-test-")
    assert health.keys >= 1
    assert 0 <= health.age_seconds < 60
    assert timedelta(0) <= datetime.now(timezone.utc) - health.fetched_at < timedelta(minutes=1)
    assert (health.failures, health.last_failure, health.retry_after_seconds) == (0, None, None)

    unreachable = make(base_url=f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(KeysUnavailableError):
        await answer(unreachable.warm_up())
    (health,) = unreachable.health()
    assert (health.state, health.failures, health.last_failure) == ("missing", 1, "network")
    assert health.retry_after_seconds > 0
    assert unreachable.stats().failures == 1


@EITHER
async def test_a_seeded_verifier_needs_no_network(make: Callable[..., Any]) -> None:
    with Client() as client:
        client.m2m.warm_up()
        (exported,) = client.m2m.export_jwks()
    assert '"keys"' in exported.jwks
    asked = emulator("counts")
    verifier = make()
    assert verifier.export_jwks() == []
    verifier.seed_jwks(**vars(exported))
    claims = await answer(verifier.authenticate_token(access_token=issue(["read:users"])))
    assert claims.scopes == ["read:users"]
    (again,) = verifier.export_jwks()
    assert (again.issuer, again.jwks) == (exported.issuer, exported.jwks)
    assert abs(again.fetched_at - exported.fetched_at) < timedelta(milliseconds=1)
    assert emulator("counts") == asked


@pytest.mark.parametrize(("hours", "state"), [(2, "expired"), (4, "stale")])
def test_keys_grow_as_old_as_is_allowed(hours: int, state: str) -> None:
    with Client() as client:
        client.m2m.warm_up()
        (exported,) = client.m2m.export_jwks()
    verifier = TokenVerifier(max_key_age_seconds=hours * 3600)
    three_hours_ago = datetime.now(timezone.utc) - timedelta(hours=3)
    verifier.seed_jwks(jwks=exported.jwks, fetched_at=three_hours_ago)
    assert verifier.health()[0].state == state


@pytest.mark.parametrize(
    ("change", "field"), [({"jwks": "[]"}, "jwks"), ({"issuer": "stytch.com/another"}, "issuer")]
)
def test_a_wrong_seed_is_named(change: dict[str, str], field: str) -> None:
    seed = {"jwks": '{"keys": []}', "fetched_at": datetime.now(timezone.utc)}
    with pytest.raises(InvalidConfigError) as wrong:
        TokenVerifier().seed_jwks(**{**seed, **change})
    assert wrong.value.field == field


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        TokenVerifier().seed_jwks(jwks='{"keys": []}', fetched_at=datetime.now())
