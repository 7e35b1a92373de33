"""Tokens from the cache, and calls of the server."""

from __future__ import annotations

import asyncio
import os
import time
from statistics import median

import requests
from measure import OURS, emit, measure
from peers import BASE_URL, PROJECT, SECRET, official
from stytch_m2m import AsyncTokenSource, Client, TokenSource

CREDENTIAL = {
    "client_id": os.environ["BENCH_CLIENT_ID"],
    "client_secret": os.environ["BENCH_CLIENT_SECRET"],
}
SETTINGS = {"project_id": PROJECT, "base_url": BASE_URL}
CACHED = 5_000
AT_ONCE = 1_000
CALLS = 10


def calls() -> None:
    cached()
    times, asked = zip(*(asyncio.run(at_once()) for _ in range(20)), strict=True)
    emit("get_token, 1,000 at once", OURS, "milliseconds", median(times))
    emit("get_token, 1,000 at once", OURS, "requests", max(asked))
    management()


def cached() -> None:
    source, asynchronous = (
        TokenSource(**CREDENTIAL, **SETTINGS),
        AsyncTokenSource(**CREDENTIAL, **SETTINGS),
    )
    client, loop = Client(**SETTINGS, secret=SECRET), asyncio.new_event_loop()

    def got(_: int) -> None:
        for _ in range(CACHED):
            source.get_token()

    async def awaited() -> None:
        for _ in range(CACHED):
            await asynchronous.get_token()

    def asked(_: int) -> None:
        for _ in range(CACHED):
            client.m2m.token(**CREDENTIAL)

    contenders = {
        OURS: got,
        f"{OURS}, async": lambda _: loop.run_until_complete(awaited()),
        f"{OURS}, client.m2m.token": asked,
    }
    measure("get_token, cached", CACHED, contenders, rounds=50)
    loop.close()


async def at_once() -> tuple[float, int]:
    """Milliseconds until all have their first token, and how often the server was asked."""
    source = AsyncTokenSource(**CREDENTIAL, **SETTINGS)
    started = time.perf_counter()
    await asyncio.gather(*(source.get_token() for _ in range(AT_ONCE)))
    return (time.perf_counter() - started) * 1e3, source.stats().refreshes


def management() -> None:
    client, peer, http = Client(**SETTINGS, secret=SECRET), official(), requests.Session()
    http.auth = (PROJECT, SECRET)
    identity = CREDENTIAL["client_id"]
    url = f"{BASE_URL}/v1/m2m/clients/{identity}"
    contenders = {
        OURS: lambda _: [client.m2m.clients.get(client_id=identity) for _ in range(CALLS)],
        "stytch": lambda _: [peer.m2m.clients.get(identity) for _ in range(CALLS)],
        "requests": lambda _: [http.get(url).json() for _ in range(CALLS)],
    }
    measure("management call", CALLS, contenders, rounds=50)
