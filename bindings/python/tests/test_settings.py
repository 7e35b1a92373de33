"""Settings of the way out, and tokens that processes share, against real servers."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import trustme
from processes import finish, python, redis
from stytch_m2m import (
    AsyncTokenVerifier,
    Client,
    InvalidConfigError,
    KeysUnavailableError,
    M2MClientWithClientSecret,
    TokenSource,
    TokenVerifier,
)
from support import DIRECT, Answer, answer, closed_port, serving, token_requests

AUTHORITY = trustme.CA()
EITHER = pytest.mark.parametrize("make", [TokenVerifier, AsyncTokenVerifier])
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def pem(*blobs: trustme.Blob) -> str:
    return "".join(blob.bytes().decode() for blob in blobs)


def to_the_emulator(request: BaseHTTPRequestHandler, _: bytes) -> Answer:
    url = f"{os.environ['STYTCH_BASE_URL']}{request.path}"
    with DIRECT.open(url, timeout=10) as response:
        return response.status, {"Content-Type": "application/json"}, response.read()


@contextmanager
def tls_server(asks_who_calls: bool = False) -> Iterator[str]:
    """The emulator's key set behind a certificate of an authority that nobody knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)
    if asks_who_calls:
        context.verify_mode = ssl.CERT_REQUIRED
        AUTHORITY.configure_trust(context)
    with serving(to_the_emulator, context) as base_url:
        yield base_url


@EITHER
async def test_a_private_authority_is_trusted_when_told(make: Callable[..., Any]) -> None:
    with tls_server() as base_url:
        for settings in ({}, {"bundled_roots": True}):
            with pytest.raises(KeysUnavailableError):
                await answer(make(base_url=base_url, **settings).warm_up())
            told = make(base_url=base_url, extra_ca_pem=pem(AUTHORITY.cert_pem), **settings)
            await answer(told.warm_up())
            assert told.health()[0].state == "fresh"


@EITHER
async def test_a_client_certificate_is_shown(make: Callable[..., Any]) -> None:
    settings = {"extra_ca_pem": pem(AUTHORITY.cert_pem)}
    own = AUTHORITY.issue_cert("service.example.com")
    with tls_server(asks_who_calls=True) as base_url:
        with pytest.raises(KeysUnavailableError):
            await answer(make(base_url=base_url, **settings).warm_up())
        settings["client_certificate_pem"] = pem(own.private_key_pem, *own.cert_chain_pems)
        await answer(make(base_url=base_url, **settings).warm_up())


@EITHER
async def test_the_proxy_is_the_way_out(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def refuse(request: BaseHTTPRequestHandler, _: bytes) -> Answer:
        seen.append(request.path)
        return 502, {}, b""

    async def ways_out(**settings: str) -> list[str]:
        """What the proxy was asked for."""
        seen.clear()
        with pytest.raises(KeysUnavailableError):
            await answer(make(base_url="https://nowhere.invalid", **settings).warm_up())
        return sorted(set(seen))

    for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with serving(refuse) as proxy:
        assert await ways_out() == []
        assert await ways_out(proxy=proxy) == ["nowhere.invalid:443"]
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        for settings in ({}, {"proxy": "environment"}):
            assert await ways_out(**settings) == ["nowhere.invalid:443"]
        assert await ways_out(proxy="off") == []
        monkeypatch.setenv("HTTPS_PROXY", "")
        assert await ways_out() == []


@EITHER
async def test_this_machine_is_never_asked_through_a_proxy(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = f"http://127.0.0.1:{closed_port()}"
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, nobody)
    await answer(make().warm_up())
    await answer(make(proxy=nobody).warm_up())


SHARING = """
    import asyncio, sys
    from stytch_m2m import AsyncClient, AsyncTokenSource, Client, TokenSource

    _, kind, store, key, client_id, client_secret = sys.argv
    credential = {"client_id": client_id, "client_secret": client_secret}
    settings = {"token_store_url": store, "token_store_key": key}

    async def ask():
        if kind == "client":
            return await AsyncClient(**settings).m2m.token(**credential)
        return await AsyncTokenSource(**credential, **settings).get_token()

    if kind == "client":
        token = Client(**settings).m2m.token(**credential)
    else:
        token = TokenSource(**credential, **settings).get_token()
    assert asyncio.run(ask()).access_token == token.access_token
    print(token.access_token)
"""


@pytest.mark.parametrize("kind", ["client", "source"])
def test_processes_share_a_token(kind: str, credential: M2MClientWithClientSecret) -> None:
    with redis() as url:
        arguments = [kind, url, KEY, credential.client_id, credential.client_secret]
        processes = [python(SHARING, *arguments) for _ in range(3)]
        tokens = {finish(process) for process in processes}
    assert len(tokens) == 1
    assert token_requests(credential.client_id) == 1


def test_without_its_store_a_process_fetches_for_itself(
    credential: M2MClientWithClientSecret,
) -> None:
    settings = {"client_id": credential.client_id, "client_secret": credential.client_secret}
    store = f"redis://127.0.0.1:{closed_port()}"
    with TokenSource(**settings, token_store_url=store, token_store_key=KEY) as source:
        assert source.get_token().access_token
    assert token_requests(credential.client_id) == 1


def test_empty_environment_variables_are_unset(
    monkeypatch: pytest.MonkeyPatch, credential: M2MClientWithClientSecret
) -> None:
    monkeypatch.setenv("STYTCH_SECRET", "")
    with pytest.raises(InvalidConfigError, match="STYTCH_SECRET"):
        Client().m2m.clients.get(client_id=credential.client_id)
    base_url = os.environ["STYTCH_BASE_URL"]
    monkeypatch.setenv("STYTCH_BASE_URL", "")
    assert Client().project_id == os.environ["STYTCH_PROJECT_ID"]
    TokenVerifier(base_url=base_url).warm_up()
    monkeypatch.setenv("STYTCH_PROJECT_ID", "")
    settings = {"client_id": credential.client_id, "client_secret": credential.client_secret}
    for make in (Client, TokenVerifier, lambda: TokenSource(**settings)):
        with pytest.raises(InvalidConfigError, match="STYTCH_PROJECT_ID"):
            make()
