"""Tokens on outgoing requests, through each HTTP client, against real resource servers."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import stytch_m2m.aiohttp
import stytch_m2m.httpx
import stytch_m2m.requests
import trustme
from stytch_m2m import (
    AsyncTokenSource,
    InvalidConfigError,
    M2MClientWithClientSecret,
    StytchM2MError,
    TokenSource,
)
from support import Answer, eventually, serving, token_requests

INVALID_BEARER = 'Bearer realm="api", error="invalid_token"'
INVALID = {"WWW-Authenticate": INVALID_BEARER}


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
    library: str,
    settings: dict[str, str],
    url: str,
    content: object = b"data",
    *,
    times: int = 1,
    origins: Sequence[str] | None = None,
    headers: Mapping[str, str] | None = None,
    trusts: str | None = None,
) -> tuple[int, str]:
    """Posts, follows redirects, and returns the last answer. `trusts` is a file of authorities."""
    origins = [url] if origins is None else origins
    headers = dict(headers or {})
    if library == "requests":
        with requests.Session() as session:
            session.auth = stytch_m2m.requests.TokenAuth(TokenSource(**settings), origins=origins)
            for _ in range(times):
                response = session.post(url, data=content, headers=headers, verify=trusts)
            return response.status_code, response.text
    context = ssl.create_default_context(cafile=trusts)
    if library == "aiohttp":
        middleware = stytch_m2m.aiohttp.TokenMiddleware(
            AsyncTokenSource(**settings), origins=origins
        )
        connector = aiohttp.TCPConnector(ssl=context)
        async with aiohttp.ClientSession(middlewares=[middleware], connector=connector) as session:
            for _ in range(times):
                async with session.post(url, data=content, headers=headers) as reply:
                    status, text = reply.status, await reply.text()
            return status, text
    options = {"follow_redirects": True, "verify": context}
    if library == "httpx":
        auth = stytch_m2m.httpx.TokenAuth(TokenSource(**settings), origins=origins)
        with httpx.Client(auth=auth, **options) as client:
            for _ in range(times):
                answer = client.post(url, content=content, headers=headers)
            return answer.status_code, answer.text
    auth = stytch_m2m.httpx.TokenAuth(AsyncTokenSource(**settings), origins=origins)
    async with httpx.AsyncClient(auth=auth, **options) as async_client:
        for _ in range(times):
            answer = await async_client.post(url, content=content, headers=headers)
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
@pytest.mark.parametrize(
    "challenge",
    [
        {},
        {"WWW-Authenticate": "Bearer"},
        {"WWW-Authenticate": 'DPoP error="invalid_token"'},
        {"WWW-Authenticate": 'Bearer error="insufficient_scope", note="error=invalid_token"'},
        {"WWW-Authenticate": 'Basic realm="Bearer error=\\"invalid_token\\""'},
    ],
)
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
async def test_one_of_several_challenges_suffices(library: str, settings: dict[str, str]) -> None:
    challenge = {"WWW-Authenticate": 'Basic realm="x"', "www-authenticate": INVALID_BEARER}
    with api(challenge, slow=True) as served:
        assert await send(library, settings, served.base_url) == (200, "welcome")


@LIBRARIES
@pytest.mark.parametrize("elsewhere", ["another port", "another host"])
async def test_no_token_goes_to_an_origin_that_is_not_named(
    library: str, settings: dict[str, str], elsewhere: str
) -> None:
    with api() as served:
        other = served.base_url.replace("127.0.0.1", "localhost")
        origins = ["http://127.0.0.1:9"] if elsewhere == "another port" else [other]
        assert await send(library, settings, served.base_url, origins=origins) == (401, "refused")
    assert served.authorizations == [""]
    assert token_requests(settings["client_id"]) == 0


@LIBRARIES
@pytest.mark.parametrize("elsewhere", ["another port", "another host"])
async def test_no_token_follows_a_redirect_to_an_origin_that_is_not_named(
    library: str, settings: dict[str, str], elsewhere: str
) -> None:
    with api() as served, api() as other:
        host = "127.0.0.1" if elsewhere == "another port" else "localhost"
        served.redirect = other.base_url.replace("127.0.0.1", host)
        assert (await send(library, settings, served.base_url))[0] == 401
    assert other.authorizations == [""]
    assert len(served.seen) == 1
    assert token_requests(settings["client_id"]) == 1


@LIBRARIES
async def test_no_token_follows_a_redirect_from_https_to_http(
    library: str, settings: dict[str, str], tmp_path: Path
) -> None:
    authority = trustme.CA()
    trusts = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(trusts)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    served, other = Api(INVALID, False, False), Api(INVALID, False, False)
    with serving(served.respond, tls) as url, serving(other.respond) as served.redirect:
        status, _ = await send(library, settings, url, origins=[url], trusts=str(trusts))
    assert status == 401
    assert served.authorizations[0].startswith("Bearer ey")
    assert other.authorizations == [""]


@LIBRARIES
async def test_the_token_follows_a_redirect_within_its_origin(
    library: str, settings: dict[str, str]
) -> None:
    paths: list[tuple[str, str]] = []

    def respond(request: BaseHTTPRequestHandler, _: bytes) -> Answer:
        paths.append((request.path, request.headers.get("Authorization", "")))
        return (200, {}, b"here") if request.path == "/b" else (307, {"Location": "/b"}, b"")

    with serving(respond) as url:
        assert await send(library, settings, f"{url}/a", origins=[url]) == (200, "here")
    assert [path for path, _ in paths] == ["/a", "/b"]
    assert all(authorization.startswith("Bearer ey") for _, authorization in paths)


@LIBRARIES
@pytest.mark.parametrize("target", ["/sent", "/send"])
async def test_a_request_that_was_taken_is_not_sent_again(
    library: str, settings: dict[str, str], target: str
) -> None:
    """A form is posted and redirects to a page, maybe its own, that refuses the token."""
    posts: list[bytes] = []

    def respond(request: BaseHTTPRequestHandler, body: bytes) -> Answer:
        if request.command == "POST":
            posts.append(body)
            return 303, {"Location": target}, b""
        second = int(time.time())  # Two tokens of the same second are alike.
        assert eventually(lambda: time.time() >= second + 1)
        return 401, INVALID, b"refused"

    with serving(respond) as url:
        assert await send(library, settings, f"{url}/send", origins=[url]) == (401, "refused")
    assert posts == [b"data"]


@LIBRARIES
async def test_a_request_keeps_an_authorization_header_of_its_own(
    library: str, settings: dict[str, str]
) -> None:
    with api() as served:
        own = {"Authorization": "Basic b3du"}
        status, _ = await send(library, settings, served.base_url, headers=own)
    assert status == 401
    assert served.authorizations == ["Basic b3du"]
    assert token_requests(settings["client_id"]) == 0


PLUGS = pytest.mark.parametrize(
    ("plug", "source"),
    [
        (stytch_m2m.requests.TokenAuth, TokenSource),
        (stytch_m2m.httpx.TokenAuth, TokenSource),
        (stytch_m2m.httpx.TokenAuth, AsyncTokenSource),
        (stytch_m2m.aiohttp.TokenMiddleware, AsyncTokenSource),
    ],
)


@PLUGS
@pytest.mark.parametrize(
    "origins",
    [
        [],
        ["api.example.com"],
        ["http://api.example.com"],
        ["https://api.example.com/path"],
        ["https://user@api.example.com"],
        ["https://api.example.com", "*"],
    ],
)
def test_origins_that_are_none_are_refused(
    plug: Callable[..., Any], source: Callable[..., Any], origins: list[str]
) -> None:
    with pytest.raises(InvalidConfigError) as wrong:
        plug(source(client_id="x", client_secret="y"), origins=origins)
    assert wrong.value.field == "origins"


@PLUGS
def test_origins_must_be_named(plug: Callable[..., Any], source: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="origins"):
        plug(source(client_id="x", client_secret="y"))
    with pytest.raises(TypeError, match="origins must be a list"):
        plug(source(client_id="x", client_secret="y"), origins="https://api.example.com")


@LIBRARIES
async def test_a_refused_answer_is_closed_when_there_is_no_other_token(
    library: str, settings: dict[str, str]
) -> None:
    with api() as served, api_without_tokens() as token_url:
        given = {**settings, "token_url": token_url}
        with pytest.raises(StytchM2MError):
            await send(library, given, served.base_url)
    assert len(served.seen) == 1


@contextmanager
def api_without_tokens() -> Iterator[str]:
    """A token endpoint that hands out one token, and no other."""
    given: list[bytes] = []
    token = {"access_token": "eyJ.first", "token_type": "bearer", "expires_in": 3600}

    def respond(_: BaseHTTPRequestHandler, body: bytes) -> Answer:
        given.append(body)
        if len(given) == 1:
            return 200, {"Content-Type": "application/json"}, json.dumps(token).encode()
        refused = {"error": "invalid_client", "error_description": "gone"}
        return 401, {"Content-Type": "application/json"}, json.dumps(refused).encode()

    with serving(respond) as url:
        yield f"{url}/token"
