"""Tokens on outgoing requests, through httpx and requests, against a real resource server."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import aiohttp
import httpx
import pytest
import requests
import stytch_m2m.aiohttp
import stytch_m2m.httpx
import stytch_m2m.requests
from stytch_m2m import AsyncTokenSource, M2MClientWithClientSecret, TokenSource
from support import Answer, eventually, serving, token_requests

INVALID = {"WWW-Authenticate": 'Bearer realm="api", error="invalid_token"'}


class Api:
    """A resource server that refuses the first token that it sees, or all."""

    def __init__(self, challenge: dict[str, str], refuses_all: bool, slow: bool) -> None:
        self.challenge = challenge
        self.slow = slow
        self.refuses_all = refuses_all
        self.base_url = ""
        self.redirect: str | None = None
        self.seen: list[tuple[str, bytes]] = []

    def respond(self, request: BaseHTTPRequestHandler, body: bytes) -> Answer:
        self.seen.append((request.headers.get("Authorization", ""), body))
        if self.redirect is not None:
            return 307, {"Location": self.redirect}, b""
        if self.refuses_all or self.seen[0][0] == self.seen[-1][0]:
            second = int(time.time())
            assert not self.slow or eventually(lambda: time.time() >= second + 1)
            return 401, self.challenge, b"refused"
        return 200, {}, b"welcome"

    @property
    def authorizations(self) -> list[str]:
        return [authorization for authorization, _ in self.seen]


@contextmanager
def api(
    challenge: dict[str, str] = INVALID, refuses_all: bool = False, slow: bool = False
) -> Iterator[Api]:
    """`slow` lets a second pass before it refuses: two tokens of the same second are alike."""
    served = Api(challenge, refuses_all, slow)
    with serving(served.respond) as served.base_url:
        yield served


@pytest.fixture
def settings(credential: M2MClientWithClientSecret) -> dict[str, str]:
    return {"client_id": credential.client_id, "client_secret": credential.client_secret}


async def send(
    library: str, settings: dict[str, str], url: str, content: object = b"data", times: int = 1
) -> tuple[int, str]:
    """Posts, follows redirects, and returns the last answer."""
    if library == "requests":
        with requests.Session() as session:
            session.auth = stytch_m2m.requests.TokenAuth(TokenSource(**settings))
            for _ in range(times):
                response = session.post(url, data=content)
            return response.status_code, response.text
    if library == "aiohttp":
        auth = stytch_m2m.aiohttp.TokenMiddleware(AsyncTokenSource(**settings), url)
        async with aiohttp.ClientSession(middlewares=[auth]) as session:
            for _ in range(times):
                async with session.post(url, data=content) as reply:
                    status, text = reply.status, await reply.text()
            return status, text
    if library == "httpx":
        auth = stytch_m2m.httpx.TokenAuth(TokenSource(**settings))
        with httpx.Client(auth=auth, follow_redirects=True) as client:
            for _ in range(times):
                answer = client.post(url, content=content)
            return answer.status_code, answer.text
    auth = stytch_m2m.httpx.TokenAuth(AsyncTokenSource(**settings))
    async with httpx.AsyncClient(auth=auth, follow_redirects=True) as async_client:
        for _ in range(times):
            answer = await async_client.post(url, content=content)
        return answer.status_code, answer.text


LIBRARIES = pytest.mark.parametrize("library", ["requests", "httpx", "async httpx", "aiohttp"])


@LIBRARIES
async def test_a_refused_token_is_replaced_once(library: str, settings: dict[str, str]) -> None:
    with api(slow=True) as served:
        assert await send(library, settings, served.base_url, times=3) == (200, "welcome")
    first, *others = served.authorizations
    assert first.startswith("Bearer ey")
    assert len(others) == 3
    assert len(set(others)) == 1
    assert {body for _, body in served.seen} == {b"data"}
    assert token_requests(settings["client_id"]) == 2


@LIBRARIES
@pytest.mark.parametrize("challenge", [{}, {"WWW-Authenticate": "Bearer"}])
async def test_another_refusal_is_left_alone(
    library: str, settings: dict[str, str], challenge: dict[str, str]
) -> None:
    with api(challenge) as served:
        assert await send(library, settings, served.base_url) == (401, "refused")
    assert len(served.seen) == 1
    assert token_requests(settings["client_id"]) == 1


@LIBRARIES
async def test_a_server_that_refuses_every_token_is_asked_twice(
    library: str, settings: dict[str, str]
) -> None:
    with api(refuses_all=True, slow=True) as served:
        assert await send(library, settings, served.base_url) == (401, "refused")
    assert len(set(served.authorizations)) == len(served.seen) == 2


@LIBRARIES
async def test_a_body_that_is_gone_is_not_sent_again(
    library: str, settings: dict[str, str]
) -> None:
    with api() as served:
        body = parts() if library in ("async httpx", "aiohttp") else iter([b"da", b"ta"])
        assert (await send(library, settings, served.base_url, body))[0] == 401
    assert len(served.seen) == 1


async def parts() -> AsyncIterator[bytes]:
    yield b"da"
    yield b"ta"


@LIBRARIES
async def test_no_token_follows_a_redirect_to_another_host(
    library: str, settings: dict[str, str]
) -> None:
    with api() as served, api() as elsewhere:
        served.redirect = elsewhere.base_url.replace("127.0.0.1", "localhost")
        assert (await send(library, settings, served.base_url))[0] == 401
    assert elsewhere.authorizations == [""]
    assert len(served.seen) == 1
    assert token_requests(settings["client_id"]) == 1
