"""What a verification asks for, and what its claims are like."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from stytch_m2m import (
    AsyncClient,
    Client,
    InsufficientScopeError,
    InvalidConfigError,
    InvalidTokenError,
    TokenClaims,
    refuses_token,
    token_from_authorization_header,
    token_from_authorization_headers,
)
from support import answer, issue


@pytest.mark.parametrize(
    "token", ["", "a.b.c", "é.é.é", "\ud800.x.y", "a\0b", "Bearer x", "." * 20000]
)
async def test_what_is_no_token_is_refused(any_client: Client | AsyncClient, token: str) -> None:
    with pytest.raises(InvalidTokenError) as refused:
        await answer(any_client.m2m.authenticate_token(access_token=token))
    assert refused.value.reason == "malformed"
    assert refused.value.www_authenticate == 'Bearer error="invalid_token"'


async def test_a_changed_signature_is_refused(
    any_client: Client | AsyncClient, access_token: str
) -> None:
    head, _, signature = access_token.rpartition(".")
    forged = f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    # A twin outside ASCII must not be cut down to the token itself.
    twin = head + "." + chr(ord(signature[0]) + 256) + signature[1:]
    for token, reason in ((forged, "signature_invalid"), (twin, "malformed")):
        with pytest.raises(InvalidTokenError) as refused:
            await answer(any_client.m2m.authenticate_token(access_token=token))
        assert refused.value.reason == reason


async def test_the_age_of_a_token_is_limited(
    any_client: Client | AsyncClient, access_token: str
) -> None:
    authenticate = any_client.m2m.authenticate_token
    assert await answer(authenticate(access_token=access_token, max_token_age_seconds=600))
    with pytest.raises(InvalidTokenError) as refused:
        await answer(authenticate(access_token=access_token, max_token_age_seconds=0))
    assert (refused.value.reason, refused.value.claim) == ("too_old", "iat")


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"max_token_age_seconds": -1}, "max_token_age_seconds"),
        ({"clock_tolerance_seconds": -1}, "clock_tolerance_seconds"),
        ({"clock_tolerance_seconds": 301}, "clock_tolerance_seconds"),
        ({"required_scopes": [""]}, "required_scopes"),
        ({"required_scopes": ["read users"]}, "required_scopes"),
    ],
)
async def test_wrong_options_are_named(
    any_client: Client | AsyncClient, options: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidConfigError) as wrong:
        await answer(any_client.m2m.authenticate_token(access_token="a.b.c", **options))
    assert wrong.value.field == field


async def test_one_scope_is_not_taken_for_many(any_client: Client | AsyncClient) -> None:
    with pytest.raises(TypeError):
        await answer(
            any_client.m2m.authenticate_token(access_token="a.b.c", required_scopes="read:users")
        )


async def test_authorize_decides_in_place_of_the_scopes(
    any_client: Client | AsyncClient, access_token: str
) -> None:
    seen: list[tuple[TokenClaims, list[str]]] = []

    def allow(claims: TokenClaims, required: list[str]) -> bool:
        seen.append((claims, required))
        return True

    claims = await answer(
        any_client.m2m.authenticate_token(
            access_token=access_token, required_scopes=["delete:users"], authorize=allow
        )
    )
    assert seen == [(claims, ["delete:users"])]

    for verdict in (False, None, "yes", 1):
        with pytest.raises(InsufficientScopeError):
            await answer(
                any_client.m2m.authenticate_token(
                    access_token=access_token, authorize=lambda *_, verdict=verdict: verdict
                )
            )

    required = ["read:users", "delete:users"]
    with pytest.raises(InsufficientScopeError) as refused:
        await answer(
            any_client.m2m.authenticate_token(
                access_token=access_token, required_scopes=required, authorize=lambda *_: False
            )
        )
    assert refused.value.missing_scopes == ["delete:users"]
    assert 'scope="delete:users"' in refused.value.www_authenticate

    def fail(*_: object) -> bool:
        raise LookupError("the user's own")

    with pytest.raises(LookupError, match="the user's own"):
        await answer(any_client.m2m.authenticate_token(access_token=access_token, authorize=fail))
    with pytest.raises(InvalidTokenError):
        await answer(any_client.m2m.authenticate_token(access_token="a.b.c", authorize=allow))
    assert len(seen) == 1


@pytest.mark.parametrize("make", [Client, AsyncClient])
async def test_a_remembered_token_is_decided_again(
    make: Callable[..., Any], access_token: str
) -> None:
    authenticate = make(verified_token_cache_size=100).m2m.authenticate_token
    claims = await answer(authenticate(access_token=access_token))
    assert await answer(authenticate(access_token=access_token)) == claims
    with pytest.raises(InsufficientScopeError):
        await answer(authenticate(access_token=access_token, required_scopes=["delete:users"]))
    with pytest.raises(InvalidTokenError):
        await answer(authenticate(access_token=access_token, max_token_age_seconds=0))


async def test_authorize_may_be_a_coroutine(async_client: AsyncClient, access_token: str) -> None:
    async def verdict(value: bool) -> bool:
        return value

    authenticate = async_client.m2m.authenticate_token
    assert await authenticate(access_token=access_token, authorize=lambda *_: verdict(True))
    with pytest.raises(InsufficientScopeError):
        await authenticate(access_token=access_token, authorize=lambda *_: verdict(False))


def test_claims_are_plain_frozen_data(client: Client, access_token: str) -> None:
    claims = client.m2m.authenticate_token(access_token=access_token)
    with pytest.raises(dataclasses.FrozenInstanceError):
        claims.client_id = "another"
    with pytest.raises(AttributeError):
        _ = claims.nonsense

    for twin in (
        pickle.loads(pickle.dumps(client.m2m.authenticate_token(access_token=access_token))),
        copy.deepcopy(claims),
        dataclasses.replace(claims),
        TokenClaims(**dataclasses.asdict(claims)),
    ):
        assert twin == claims
        assert repr(twin) == repr(claims)
    assert claims.scopes is claims.scopes
    assert dataclasses.replace(claims, client_id="another") != claims


def test_custom_claims_are_native_values(client: Client) -> None:
    custom = {
        "https://example.com/org": {"id": 7, "tags": ["a", None, True, 1.5], "name": "Zoë"},
        "big": 2**60,
        "__proto__": {},
    }
    token = issue(["read:users"], claims={**custom, "jti": "token-1", "nbf": None, "iat": 1.5})
    claims = client.m2m.authenticate_token(access_token=token)
    assert claims.custom_claims == custom
    assert claims.custom_claims is claims.custom_claims
    assert claims.token_id == "token-1"
    assert claims.not_before is None
    assert claims.issued_at == datetime.fromtimestamp(1.5, timezone.utc)
    assert claims.scopes == ["read:users"]


@pytest.mark.parametrize(
    ("changes", "reason", "claim"),
    [
        ({"issued_at_offset_seconds": -7200}, "expired", "exp"),
        ({"issued_at_offset_seconds": 3600}, "not_yet_valid", "nbf"),
        ({"claims": {"exp": None}}, "claim_missing", "exp"),
        ({"claims": {"aud": ["another"]}}, "claim_invalid", "aud"),
        ({"claims": {"https://stytch.com/session": {}}}, "wrong_token_kind", None),
        ({"header": {"crit": ["exp"]}}, "header_unsupported", None),
        ({"header": {"alg": "none"}}, "algorithm_not_allowed", None),
        ({"signature": "unknown_key"}, "key_not_found", None),
        ({"signature": "corrupted"}, "signature_invalid", None),
    ],
)
async def test_a_refusal_says_why(
    any_client: Client | AsyncClient, changes: dict[str, object], reason: str, claim: str | None
) -> None:
    with pytest.raises(InvalidTokenError) as refused:
        await answer(any_client.m2m.authenticate_token(access_token=issue(**changes)))
    assert (refused.value.reason, refused.value.claim) == (reason, claim)


def test_the_token_is_taken_from_an_authorization_header() -> None:
    assert token_from_authorization_header("bearer  a.b.c") == "a.b.c"
    for header, reason, challenge in [
        (None, "missing", "Bearer"),
        ("Basic a.b.c", "missing", "Bearer"),
        ("Bearer", "malformed", 'Bearer error="invalid_token"'),
        ("Bearer a.b.c d.e.f", "malformed", 'Bearer error="invalid_token"'),
    ]:
        with pytest.raises(InvalidTokenError) as refused:
            token_from_authorization_header(header)
        assert (refused.value.reason, refused.value.www_authenticate) == (reason, challenge)
        assert refused.value.http_status == 401


def test_a_header_that_is_not_unicode_is_refused_like_any_other(client: Client) -> None:
    token = token_from_authorization_headers(["Bearer a.b.\udcff"])
    assert token == token_from_authorization_header("Bearer a.b.\udcff")
    with pytest.raises(InvalidTokenError) as refused:
        client.m2m.authenticate_token(access_token=token)
    assert refused.value.reason == "malformed"
    assert not refuses_token(401, ["Bearer \udcff"])
