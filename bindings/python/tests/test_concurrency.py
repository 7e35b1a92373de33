"""Many callers: one request, and nobody waits for another's."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from stytch_m2m import (
    AsyncClient,
    AsyncTokenSource,
    Client,
    M2MClientWithClientSecret,
    TokenSource,
    TokenVerifier,
)
from support import emulator, token_requests

THREADS = 16


def test_threads_share_one_token_request(credential: M2MClientWithClientSecret) -> None:
    settings = {"client_id": credential.client_id, "client_secret": credential.client_secret}
    client, source = Client(), TokenSource(**settings)
    for asked, get in enumerate((lambda: client.m2m.token(**settings), source.get_token), start=1):
        start = threading.Barrier(THREADS)

        def one(get=get, start=start) -> str:
            start.wait()
            return get().access_token

        with ThreadPoolExecutor(THREADS) as pool:
            tokens = {future.result() for future in [pool.submit(one) for _ in range(THREADS)]}
        assert len(tokens) == 1
        assert token_requests(credential.client_id) == asked


async def test_tasks_share_one_token_request(credential: M2MClientWithClientSecret) -> None:
    settings = {"client_id": credential.client_id, "client_secret": credential.client_secret}
    async with AsyncClient() as client, AsyncTokenSource(**settings) as source:
        tokens = await asyncio.gather(*(client.m2m.token(**settings) for _ in range(100)))
        assert len({token.access_token for token in tokens}) == 1
        assert token_requests(credential.client_id) == 1
        tokens = await asyncio.gather(*(source.get_token() for _ in range(100)))
        assert len({token.access_token for token in tokens}) == 1
        assert token_requests(credential.client_id) == 2


def test_threads_hammer_one_verifier(access_token: str) -> None:
    verifier = TokenVerifier()
    start = threading.Barrier(THREADS)

    def hammer() -> int:
        start.wait()
        claims = [verifier.authenticate_token(access_token=access_token) for _ in range(100)]
        return sum(claim.scopes == ["read:users", "write:users"] for claim in claims)

    before = emulator("counts")
    with ThreadPoolExecutor(THREADS) as pool:
        results = [future.result() for future in [pool.submit(hammer) for _ in range(THREADS)]]
    after = emulator("counts")
    assert results == [100] * THREADS
    assert sum(after.values()) - sum(before.values()) == 1, "one request for the key set"
