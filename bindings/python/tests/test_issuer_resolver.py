"""Issuers that a function decides about."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import datetime, timezone
from typing import Any

import jwt_signing
import pytest
import trio
from stytch_m2m import (
    AsyncTokenVerifier,
    InvalidConfigError,
    InvalidTokenError,
    IssuerConfig,
    IssuerResolver,
    KeysUnavailableError,
    TokenVerifier,
)
from support import answer

ACME, GLOBEX = "https://acme.example.com", "https://globex.example.com"
AUDIENCE = "https://api.example.com"
TENANT = "0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a"
CALLER: ContextVar[str] = ContextVar("CALLER", default="nobody")
Kind = type[TokenVerifier] | type[AsyncTokenVerifier]


@pytest.fixture(params=[TokenVerifier, AsyncTokenVerifier])
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def key() -> Iterator[jwt_signing.Key]:
    yield jwt_signing.Key("RS256")


@pytest.fixture
def settings(key: jwt_signing.Key) -> Callable[[str], IssuerConfig]:
    jwks = json.dumps({"keys": [key.public_jwk]})
    return lambda iss: IssuerConfig.oauth(issuer=iss, audiences=[AUDIENCE], jwks=jwks)


@pytest.fixture
def token(key: jwt_signing.Key) -> Callable[[str], str]:
    now = int(time.time())
    claims = {"aud": AUDIENCE, "sub": "job", "iat": now, "exp": now + 3600}
    return lambda iss: key.sign({"iss": iss, **claims})


Settings = Callable[[str], IssuerConfig]
Token = Callable[[str], str]


async def test_the_function_decides_and_its_answers_are_kept(
    kind: Kind, settings: Settings, token: Token
) -> None:
    asked: list[str] = []

    def resolve(iss: str) -> IssuerConfig | None:
        asked.append(iss)
        return settings(iss) if iss == ACME else None

    verifier = kind(issuer_resolver=resolve)
    for _ in range(3):
        claims = await answer(verifier.authenticate_token(access_token=token(ACME)))
        assert (claims.issuer, claims.client_id) == (ACME, "job")
        with pytest.raises(InvalidTokenError) as refused:
            await answer(verifier.authenticate_token(access_token=token(GLOBEX)))
        assert refused.value.reason == "key_not_found"
    assert asked == [ACME, GLOBEX]
    assert [health.issuer for health in verifier.health()] == [ACME]


async def test_a_listed_issuer_is_not_asked_about(
    kind: Kind, settings: Settings, token: Token
) -> None:
    asked: list[str] = []
    verifier = kind(issuers=[settings(GLOBEX)], issuer_resolver=lambda iss: asked.append(iss))
    await answer(verifier.authenticate_token(access_token=token(GLOBEX)))
    assert asked == []


async def test_a_coroutine_function_runs_on_the_callers_loop_and_in_its_context(
    settings: Settings, token: Token
) -> None:
    seen: list[tuple[object, str]] = []

    async def resolve(iss: str) -> IssuerConfig:
        await asyncio.sleep(0)
        seen.append((asyncio.get_running_loop(), CALLER.get()))
        return settings(iss)

    CALLER.set("asyncio")
    async with AsyncTokenVerifier(issuer_resolver=resolve) as verifier:
        await asyncio.gather(
            *(verifier.authenticate_token(access_token=token(ACME)) for _ in range(20))
        )
    assert seen == [(asyncio.get_running_loop(), "asyncio")]

    # A call that blocks the loop must not wait for it.
    with TokenVerifier(issuer_resolver=resolve) as blocking:
        blocking.authenticate_token(access_token=token(ACME))
    assert seen[1][0] is not asyncio.get_running_loop() and seen[1][1] == "asyncio"


def test_under_trio_a_coroutine_function_runs_in_trio(settings: Settings, token: Token) -> None:
    async def resolve(iss: str) -> IssuerConfig:
        await trio.sleep(0)
        return settings(iss)

    async def main() -> None:
        async with AsyncTokenVerifier(issuer_resolver=resolve) as verifier:
            await verifier.authenticate_token(access_token=token(ACME))

    trio.run(main)


async def test_a_failing_function_is_503_and_its_text_is_not_shown(
    kind: Kind, settings: Settings, token: Token
) -> None:
    def fails(iss: str) -> IssuerConfig:
        raise PermissionError("canary-of-the-database")

    returned: list[Any] = [settings(GLOBEX), "canary", True, {"issuers": [ACME]}]
    functions: list[tuple[Callable[[str], Any], str]] = [
        (fails, "PermissionError"),
        (lambda iss: returned[0], "do not contain the `iss`"),
        (lambda iss: returned[1], "TypeError"),
        (lambda iss: returned[2], "TypeError"),
        (lambda iss: returned[3], "TypeError"),
    ]
    for function, said in functions:
        verifier = kind(issuer_resolver=function)
        with pytest.raises(KeysUnavailableError, match=rf"issuer_resolver.*{said}") as failed:
            await answer(verifier.authenticate_token(access_token=token(ACME)))
        error = failed.value
        assert error.http_status == 503 and error.retry_after_seconds is not None
        assert error.refusal is not None and error.refusal.status == 503
        assert "canary" not in str(error)


def test_threads_share_a_call(settings: Settings, token: Token) -> None:
    asked: list[str] = []
    release = threading.Event()

    def resolve(iss: str) -> IssuerConfig:
        asked.append(iss)
        release.wait(10)
        return settings(iss)

    with TokenVerifier(issuer_resolver=resolve) as verifier:
        verdicts: list[str] = []

        def verify() -> None:
            claims = verifier.authenticate_token(access_token=token(ACME))
            verdicts.append(claims.issuer)

        threads = [threading.Thread(target=verify) for _ in range(8)]
        for thread in threads:
            thread.start()
        release.set()
        for thread in threads:
            thread.join()
    assert verdicts == [ACME] * 8 and asked == [ACME]


async def test_tenants_of_entra_by_a_function(kind: Kind, key: jwt_signing.Key) -> None:
    asked: list[str] = []

    def is_accepted(tenant: str) -> bool:
        asked.append(tenant)
        return tenant == TENANT

    def token(iss: str, tid: str) -> str:
        now = int(time.time())
        claims = {"iss": iss, "tid": tid, "aud": "api://orders", "iat": now, "exp": now + 3600}
        return key.sign({**claims, "azp": "job", "oid": "o", "sub": "o", "roles": ["read"]})

    resolver = IssuerResolver.entra(audience="api://orders", is_accepted=is_accepted)
    verifier = kind(issuer_resolver=resolver)
    jwks = json.dumps({"keys": [key.public_jwk]})
    other = TENANT.replace("0", "1")
    for iss in (
        f"https://login.microsoftonline.com/{TENANT}/v2.0",
        f"https://sts.windows.net/{TENANT}/",
    ):
        verifier.seed_jwks(jwks=jwks, fetched_at=datetime.now(timezone.utc), issuer=iss)
        claims = await answer(verifier.authenticate_token(access_token=token(iss, TENANT)))
        assert claims.client_id == "job" and claims.scopes == ["read"]
        with pytest.raises(InvalidTokenError) as refused:
            await answer(verifier.authenticate_token(access_token=token(iss, other)))
        assert (refused.value.reason, refused.value.claim) == ("claim_invalid", "tid")
    with pytest.raises(InvalidTokenError):
        iss = f"https://login.microsoftonline.com/{other}/v2.0"
        await answer(verifier.authenticate_token(access_token=token(iss, other)))
    assert asked == [TENANT, TENANT, other]


def test_wrong_settings_are_named(kind: Kind) -> None:
    def resolve(iss: str) -> None:
        return None

    for field, wrong in [
        ("lifetime", IssuerResolver(resolve, lifetime_seconds=0)),
        ("lifetime", IssuerResolver(resolve, lifetime_seconds=-1)),
        ("negative_lifetime", IssuerResolver(resolve, negative_lifetime_seconds=86_401)),
        ("max_issuers", IssuerResolver(resolve, max_issuers=0)),
        ("max_issuers", IssuerResolver(resolve, max_issuers=-1)),
    ]:
        with pytest.raises(InvalidConfigError) as error:
            kind(issuer_resolver=wrong)
        assert error.value.field == field
    with pytest.raises(TypeError, match="must be a function, not str"):
        kind(issuer_resolver="https://acme.example.com")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="issuer_resolver"):
        kind(project_id="project-test-1", issuer_resolver=resolve)
    assert "resolve" not in repr(IssuerResolver(resolve))


def test_issuers_of_several_names() -> None:
    urls = ["https://login.example.com/", "https://brave-apple-1234.customers.stytch.dev"]
    project = IssuerConfig.stytch(project_id="project-live-1", base_urls=urls)
    assert project.issuers == ["stytch.com/project-live-1", urls[0].rstrip("/"), urls[1]]
    assert project.jwks_url == "https://login.example.com/v1/sessions/jwks/project-live-1"
    one = IssuerConfig.stytch(project_id="project-live-1", base_url=urls[0])
    assert one == IssuerConfig.stytch(project_id="project-live-1", base_urls=urls[:1])
    with pytest.raises(InvalidConfigError) as error:
        IssuerConfig.stytch(project_id="project-live-1", base_urls=["login.example.com"])
    assert error.value.field == "base_urls"

    other = TENANT.replace("0", "1")
    tenants = IssuerConfig.entra(tenant=[TENANT, other], audience="api://orders")
    assert len(tenants.issuers) == 4
    assert tenants.jwks_url == "https://login.microsoftonline.com/common/discovery/v2.0/keys"
    one = IssuerConfig.entra(tenant=TENANT, audience="api://orders")
    assert one == IssuerConfig.entra(tenant=[TENANT], audience="api://orders")
    with pytest.raises(InvalidConfigError) as error:
        IssuerConfig.entra(tenant=[], audience="api://orders")
    assert error.value.field == "tenant"


def test_a_token_may_lack_its_kid_where_the_issuer_is_given_by_hand() -> None:
    audiences = [AUDIENCE]
    discovered = IssuerConfig.discover(issuer=ACME, audiences=audiences)
    given = IssuerConfig.oauth(issuer=ACME, audiences=audiences, jwks_url=f"{ACME}/jwks")
    assert discovered.allow_missing_kid and given.allow_missing_kid
    for preset in (
        IssuerConfig.stytch(project_id="project-live-1"),
        IssuerConfig.auth0(domain="example.eu.auth0.com", audience=AUDIENCE),
        IssuerConfig.entra(tenant=TENANT, audience=AUDIENCE),
        IssuerConfig.keycloak(issuer=ACME, audience=AUDIENCE),
        IssuerConfig.kubernetes(issuer=ACME, audience=AUDIENCE),
    ):
        assert preset.allow_missing_kid is False
