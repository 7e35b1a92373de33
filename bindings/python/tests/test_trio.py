"""The asynchronous classes under trio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
import trio
from stytch_m2m import (
    AsyncClient,
    AsyncTokenSource,
    AsyncTokenVerifier,
    M2MClientWithClientSecret,
    NotFoundError,
    TokenSource,
)
from stytch_m2m.httpx import TokenAuth
from support import eventually, serving, silent_server, token_requests


def test_calls_wait_under_trio(credential: M2MClientWithClientSecret) -> None:
    async def main() -> None:
        async with AsyncClient() as client:
            found = await client.m2m.clients.get(client_id=credential.client_id)
            assert found.m2m_client.scopes == credential.scopes
            with pytest.raises(NotFoundError):
                await client.m2m.clients.get(client_id="m2m-client-test-unknown")
        async with AsyncTokenVerifier() as verifier:
            await verifier.warm_up()

    trio.run(main)


def test_a_cancelled_scope_drops_its_request() -> None:
    async def main() -> None:
        with silent_server() as server:
            client = AsyncClient(base_url=server.base_url)
            with trio.move_on_after(0.3) as scope:
                await client.m2m.clients.get(client_id="x")
            assert scope.cancelled_caught
            assert server.asked == 1
            assert eventually(lambda: server.dropped == 1)

    trio.run(main)


@pytest.mark.parametrize("make", [TokenSource, AsyncTokenSource])
def test_httpx_sends_tokens_under_trio(
    make: Callable[..., Any], credential: M2MClientWithClientSecret
) -> None:
    settings = {"client_id": credential.client_id, "client_secret": credential.client_secret}
    seen: list[str] = []

    async def main(url: str) -> None:
        async with httpx.AsyncClient(auth=TokenAuth(make(**settings), origins=[url])) as client:
            for _ in range(2):
                assert (await client.get(url)).status_code == 200

    with serving(
        lambda request, _: (seen.append(request.headers["Authorization"]), (200, {}, b""))[1]
    ) as url:
        trio.run(main, url)
    assert len(seen) == 2
    assert all(authorization.startswith("Bearer ey") for authorization in seen)
    assert token_requests(credential.client_id) == 1
