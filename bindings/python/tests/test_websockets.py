"""The FastAPI dependency on a WebSocket route, over uvicorn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from processes import running
from refusals import NO_KEYS, Case, answer, assert_no_keys, assert_two_headers_are_refused
from support import issue
from websockets.exceptions import InvalidStatus
from websockets.http11 import Response
from websockets.sync.client import connect

APP = """
from typing import Annotated

from fastapi import FastAPI, HTTPException, Security, WebSocket
from stytch_m2m import AsyncTokenVerifier, TokenClaims
from stytch_m2m.fastapi import M2MAuth

app = FastAPI()
authenticated = M2MAuth(AsyncTokenVerifier(), max_token_age_seconds=600)
keyless = M2MAuth(AsyncTokenVerifier(base_url="NO_KEYS"))
Users = Annotated[TokenClaims, Security(authenticated, scopes=["read:users"])]

@app.websocket("/users")
async def users(websocket: WebSocket, claims: Users) -> None:
    await websocket.accept()
    await websocket.send_text(f"{claims.client_id} {await websocket.receive_text()}")
    await websocket.close()

@app.websocket("/keyless")
async def without_keys(
    websocket: WebSocket, claims: Annotated[TokenClaims, Security(keyless)]
) -> None:
    await websocket.accept()

@app.get("/")
async def root(claims: Users) -> str:
    return claims.client_id

own = FastAPI()
own.websocket("/users")(users)

@own.exception_handler(HTTPException)
async def respond(*_):
    from fastapi.responses import PlainTextResponse
    return PlainTextResponse("own", 418)

async def can_only_close(scope, receive, send):
    await app({k: v for k, v in scope.items() if k != "extensions"}, receive, send)
"""
OPTIONS = ["--port", "PORT", "--lifespan", "off", "--app-dir", "."]


@pytest.fixture(scope="module", params=["app", "can_only_close", "own"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    folder = tmp_path_factory.mktemp("service")
    (folder / "service.py").write_text(APP.replace("NO_KEYS", NO_KEYS))
    with running("uvicorn", *OPTIONS, f"service:{request.param}", folder=folder) as base_url:
        yield request.param, base_url


def refusal(base_url: str, path: str, authorization: str | None) -> Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    url = base_url.replace("http", "ws") + path
    with (
        pytest.raises(InvalidStatus) as failed,
        connect(url, additional_headers=headers, proxy=None),
    ):
        pass
    return failed.value.response


def test_a_good_token_opens_a_websocket(server: tuple[str, str]) -> None:
    url = server[1].replace("http", "ws") + "/users"
    headers = {"Authorization": f"Bearer {issue(['read:users'])}"}
    with connect(url, additional_headers=headers, proxy=None) as socket:
        socket.send("hello")
        assert socket.recv() == "m2m-client-test-1 hello"


def test_a_websocket_is_refused_before_it_opens(server: tuple[str, str], refused: Case) -> None:
    kind, base_url = server
    response = refusal(base_url, "/users", refused.authorization)
    if kind == "app":
        assert answer(response.status_code, response.headers, response.body) == refused.answer()
    elif kind == "own":
        assert (response.status_code, response.body) == (418, b"own")
    else:
        assert response.status_code == 403  # What uvicorn makes of a close with 1008.


def test_no_keys_refuse_a_websocket(server: tuple[str, str]) -> None:
    kind, base_url = server
    if kind != "app":
        return
    response = refusal(base_url, "/keyless", f"Bearer {issue()}")
    assert_no_keys(response.status_code, response.headers, response.body)


def test_two_authorization_headers_are_refused(server: tuple[str, str]) -> None:
    kind, base_url = server
    if kind == "app":
        assert_two_headers_are_refused(base_url)
