"""What a cached token costs.

    STYTCH_M2M_EMULATOR=target/release/stytch-m2m-emulator python benches/python/tokens.py

Medians of interleaved rounds, in microseconds for one call.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from statistics import median

from stytch_m2m import AsyncTokenSource, Client, TokenSource
from stytch_m2m.testing import Emulator

ROUNDS = 500
CALLS = 1_000
SEED = {"clients": [{"client_id": "a", "client_secret": "secret-of-a", "scopes": ["read:users"]}]}
CREDENTIAL = {"client_id": "a", "client_secret": "secret-of-a"}


def contenders(emulator: Emulator) -> dict[str, Callable[[], None]]:
    settings = {"project_id": emulator.project_id, "base_url": emulator.base_url}
    source = TokenSource(**CREDENTIAL, **settings)
    async_source = AsyncTokenSource(**CREDENTIAL, **settings)
    client = Client(**emulator.settings)

    def got() -> None:
        for _ in range(CALLS):
            source.get_token()

    async def awaited() -> None:
        for _ in range(CALLS):
            await async_source.get_token()

    def asked() -> None:
        for _ in range(CALLS):
            client.m2m.token(**CREDENTIAL)

    return {
        "TokenSource.get_token": got,
        "AsyncTokenSource.get_token": lambda: asyncio.run(awaited()),
        "client.m2m.token": asked,
    }


def main() -> None:
    with Emulator(seed=SEED) as emulator:
        entries = contenders(emulator)
        taken: dict[str, list[float]] = {name: [] for name in entries}
        for _ in range(ROUNDS):
            for name, work in entries.items():
                started = time.perf_counter()
                work()
                taken[name].append((time.perf_counter() - started) / CALLS * 1e6)
    print("| | us a call |\n|---|---|")
    for name, times in taken.items():
        print(f"| {name} | {median(times):.2f} |")


if __name__ == "__main__":
    main()
