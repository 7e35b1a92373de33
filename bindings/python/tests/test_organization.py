"""The organization-scoped API."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from stytch_m2m import (
    AsyncOrganizationClient,
    AuthenticationError,
    InvalidConfigError,
    OrganizationClient,
    OutcomeUnknownError,
)
from support import answer, emulator

EITHER = pytest.mark.parametrize("make", [OrganizationClient, AsyncOrganizationClient])


def settings() -> dict[str, str]:
    organization = emulator("credentials")["organization"]
    return {
        "base_url": os.environ["STYTCH_BASE_URL"],
        "authorization": f"Bearer {organization['authorization']}",
    }


@EITHER
async def test_the_credential_is_read_and_its_token_cached(make: Callable[..., Any]) -> None:
    organization = emulator("credentials")["organization"]
    client = make(**settings())
    assert await answer(client.client_id()) == organization["client_id"]
    assert await answer(client.client_secret()) == organization["client_secret"]
    token = await answer(client.token())
    assert (await answer(client.token())).access_token == token.access_token
    assert token.expires_in > 80_000
    stats = client.stats()
    assert (stats.hits, stats.misses, stats.refreshes) == (1, 1, 1)
    await answer(client.token(force_refresh=True))
    assert client.stats().refreshes == 2
    assert organization["client_secret"] not in repr(client)
    assert organization["authorization"] not in repr(client)


@EITHER
async def test_a_rotation_is_taken_up(make: Callable[..., Any]) -> None:
    client, other = make(**settings()), OrganizationClient(**settings())
    await answer(client.token())
    other.token()
    secret = await answer(client.rotate())
    assert secret == await answer(client.client_secret())
    await answer(client.token())
    assert client.stats().refreshes == 2, "the old token is dropped"
    assert other.token(force_refresh=True).access_token, "it reads the new secret by itself"


@EITHER
async def test_a_lost_rotation_says_so(make: Callable[..., Any]) -> None:
    client = make(**settings())
    fault = {"operation": "organization_rotate", "effect": {"type": "drop_answer"}, "times": 1}
    emulator("faults", fault)
    with pytest.raises(OutcomeUnknownError) as unknown:
        await answer(client.rotate())
    assert "client_secret" in unknown.value.recovery
    assert (await answer(client.token())).access_token


@EITHER
async def test_a_wrong_authorization_is_refused(make: Callable[..., Any]) -> None:
    client = make(**{**settings(), "authorization": "Bearer wrong"})
    for call in (client.client_id, client.client_secret, client.token, client.rotate):
        with pytest.raises(AuthenticationError):
            await answer(call())


@EITHER
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"base_url": "http://api.example.com"}, "base_url"),
        ({"base_url": "https://api.example.com/path"}, "base_url"),
        ({"authorization": ""}, "authorization"),
        ({"authorization": "Bearer a\n"}, "authorization"),
        ({"proxy": ""}, "proxy"),
    ],
)
def test_a_wrong_setting_is_named(
    make: Callable[..., Any], change: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidConfigError) as wrong:
        make(**{**settings(), **change})
    assert wrong.value.field == field


@EITHER
async def test_a_closed_client_says_so(make: Callable[..., Any]) -> None:
    client = make(**settings())
    await answer(client.close() if make is OrganizationClient else client.aclose())
    with pytest.raises(RuntimeError, match="closed"):
        await answer(client.token())
