"""The FastAPI dependency, asked as any ASGI server would ask it."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, Security
from stytch_m2m import AsyncClient, AsyncTokenVerifier, TokenClaims
from stytch_m2m.fastapi import M2MAuth, Verifier
from support import closed_port, issue


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


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic eDp5"}])
async def test_no_token_is_a_401_without_an_error(
    caller: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    response = await caller.get("/me", headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_a_bad_token_is_a_401(caller: httpx.AsyncClient) -> None:
    old = issue(["read:users"], issued_at_offset_seconds=-601)
    for token in ("", "a.b.c", "a b", issue(signature="corrupted"), old):
        response = await caller.get("/users", headers=bearer(token))
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
        assert not token or token not in response.text


async def test_a_lacking_scope_is_a_403(caller: httpx.AsyncClient) -> None:
    response = await caller.get("/users", headers=bearer(issue(["write:users"])))
    assert response.status_code == 403
    assert (
        response.headers["WWW-Authenticate"]
        == 'Bearer error="insufficient_scope", scope="read:users"'
    )


async def test_no_keys_are_a_503() -> None:
    verifier = AsyncTokenVerifier(base_url=f"http://127.0.0.1:{closed_port()}")
    async with caller_of(verifier) as caller:
        response = await caller.get("/me", headers=bearer(issue()))
        assert response.status_code == 503
        assert "WWW-Authenticate" not in response.headers
        again = await caller.get("/me", headers=bearer(issue()))
        assert again.status_code == 503
        assert int(again.headers["Retry-After"]) > 0


async def test_the_description_shows_the_protection(caller: httpx.AsyncClient) -> None:
    described = (await caller.get("/openapi.json")).json()
    assert described["components"]["securitySchemes"]["M2M"] == {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An M2M access token",
    }
    assert "M2M" in described["paths"]["/users"]["get"]["security"][0]
