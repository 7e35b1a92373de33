"""The FastAPI dependency, asked as any ASGI server would ask it."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, HTTPException, Request, Security
from fastapi.responses import PlainTextResponse
from refusals import NO_KEYS, Case, answer, assert_no_keys
from stytch_m2m import AsyncClient, AsyncTokenVerifier, TokenClaims
from stytch_m2m.fastapi import M2MAuth, Verifier
from support import issue


def service(verifier: Verifier) -> FastAPI:
    app = FastAPI()
    authenticated = M2MAuth(verifier, max_token_age_seconds=600)

    @app.get("/me")
    async def me(claims: Annotated[TokenClaims, Security(authenticated)]) -> str:
        return claims.client_id

    @app.get("/users")
    async def users(
        claims: Annotated[TokenClaims, Security(authenticated, scopes=["read:users"])],
    ) -> list[str]:
        return claims.scopes

    return app


@pytest.fixture(params=["verifier", "client"])
async def caller(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    verifier = AsyncTokenVerifier() if request.param == "verifier" else AsyncClient().m2m
    async with caller_of(verifier) as caller:
        yield caller


def caller_of(verifier: Verifier) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(service(verifier))
    return httpx.AsyncClient(transport=transport, base_url="http://service")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_good_token_is_let_in(caller: httpx.AsyncClient) -> None:
    token = issue(["read:users", "write:users"])
    response = await caller.get("/me", headers=bearer(token))
    assert (response.status_code, response.json()) == (200, "m2m-client-test-1")
    response = await caller.get("/users", headers={"authorization": f"bearer {token}"})
    assert (response.status_code, response.json()) == (200, ["read:users", "write:users"])


async def test_a_refusal(caller: httpx.AsyncClient, refused: Case) -> None:
    headers = {} if refused.authorization is None else {"Authorization": refused.authorization}
    response = await caller.get("/users", headers=headers)
    assert answer(response.status_code, response.headers, response.content) == refused.answer()


async def test_no_keys_are_a_503() -> None:
    async with caller_of(AsyncTokenVerifier(base_url=NO_KEYS)) as caller:
        for _ in range(2):
            response = await caller.get("/me", headers=bearer(issue()))
            assert_no_keys(response.status_code, response.headers, response.content)
        assert int(response.headers["Retry-After"]) > 0


async def test_two_authorization_headers_are_refused(caller: httpx.AsyncClient) -> None:
    good = ("Authorization", f"Bearer {issue(['read:users'])}")
    for other in (good, ("Authorization", "Basic eDp5")):
        for headers in ([good, other], [other, good]):
            response = await caller.get("/users", headers=headers)
            expected = Case(None, 401, 'Bearer error="invalid_token"', "invalid_token").answer()
            assert answer(response.status_code, response.headers, response.content) == expected


async def test_a_wildcard_scope_grants_what_it_covers(caller: httpx.AsyncClient) -> None:
    assert (await caller.get("/users", headers=bearer(issue(["read:*"])))).status_code == 200


async def test_the_services_own_error_handlers_apply() -> None:
    app = service(AsyncTokenVerifier())

    @app.exception_handler(HTTPException)
    async def respond(_: Request, error: HTTPException) -> PlainTextResponse:
        return PlainTextResponse(f"own: {type(error.__cause__).__name__}", error.status_code)

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as caller:
        response = await caller.get("/me")
        assert (response.status_code, response.text) == (401, "own: InvalidTokenError")


async def test_scopes_that_are_one_string_are_named() -> None:
    app = FastAPI()
    authenticated = M2MAuth(AsyncTokenVerifier())

    @app.get("/", dependencies=[Security(authenticated, scopes="read:users")])
    async def root() -> None: ...

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as caller:
        with pytest.raises(TypeError, match=r'a list such as \["read:users"\]'):
            await caller.get("/", headers=bearer(issue(["read:users"])))


async def test_the_description_shows_the_protection(caller: httpx.AsyncClient) -> None:
    described = (await caller.get("/openapi.json")).json()
    assert described["components"]["securitySchemes"]["M2M"] == {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An M2M access token",
    }
    assert "M2M" in described["paths"]["/users"]["get"]["security"][0]


async def test_a_rule_of_ones_own_replaces_the_comparison_of_scopes() -> None:
    async def authorize(claims: TokenClaims, required: Sequence[str]) -> bool:
        return "write:users" in claims.scopes and list(required) == ["read:users"]

    app = FastAPI()
    authenticated = M2MAuth(AsyncTokenVerifier(), authorize=authorize)

    @app.get("/users")
    async def users(
        claims: Annotated[TokenClaims, Security(authenticated, scopes=["read:users"])],
    ) -> str:
        return claims.client_id

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as caller:
        for scope, status in [("write:users", 200), ("read:users", 403)]:
            response = await caller.get("/users", headers=bearer(issue([scope])))
            assert response.status_code == status
