"""`authenticate_token` of this package beside the official client's and the bare signature check.

    cargo build --release --package stytch-m2m-bench-raw --package stytch-m2m-emulator
    pip install ./bindings/python -r benches/python/requirements.txt
    STYTCH_M2M_EMULATOR=target/release/stytch-m2m-emulator \
        python benches/python/peers.py target/release/stytch-m2m-bench-raw

All take part in every round, one after the other, so that a busy machine is busy for all. Shown are
medians, in microseconds for one token; no token comes twice in a round. Keys are in memory.
"""

from __future__ import annotations

import asyncio
import dataclasses
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import stytch
from stytch_m2m import AsyncTokenVerifier, TokenClaims, TokenVerifier
from stytch_m2m.testing import Emulator

ROUNDS = 200
# So few that a turn is over before the scheduler looks up.
TOKENS = 60
SCOPES = ["read:users"]
CLAIMS = [field.name for field in dataclasses.fields(TokenClaims)]

Contender = Callable[[list[str]], None]


def contenders(emulator: Emulator) -> dict[str, Contender]:
    settings = {"project_id": emulator.project_id, "base_url": emulator.base_url}
    ours, ours_async = TokenVerifier(**settings), AsyncTokenVerifier(**settings)
    official = stytch.Client(
        emulator.project_id,
        emulator.secret,
        environment=f"{emulator.base_url}/",
        suppress_warnings=True,
    ).m2m
    threads = ThreadPoolExecutor(2)

    def lazily(tokens: list[str]) -> None:
        for token in tokens:
            ours.authenticate_token(access_token=token, required_scopes=SCOPES)

    def all_read(tokens: list[str]) -> None:
        for token in tokens:
            claims = ours.authenticate_token(access_token=token, required_scopes=SCOPES)
            for name in CLAIMS:
                getattr(claims, name)

    def one_read(tokens: list[str]) -> None:
        for token in tokens:
            _ = ours.authenticate_token(access_token=token, required_scopes=SCOPES).client_id

    def officially(tokens: list[str]) -> None:
        for token in tokens:
            assert official.authenticate_token(token, required_scopes=SCOPES)

    def in_two_threads(work: Contender) -> Contender:
        def run(tokens: list[str]) -> None:
            half = len(tokens) // 2
            list(threads.map(work, (tokens[:half], tokens[half:])))

        return run

    def awaited(authenticate: Callable[[str], Awaitable[object]]) -> Contender:
        async def all_of(tokens: list[str]) -> None:
            for token in tokens:
                await authenticate(token)

        return lambda tokens: asyncio.run(all_of(tokens))

    return {
        "stytch-m2m": lazily,
        "stytch-m2m, one claim read": one_read,
        "stytch-m2m, all claims read": all_read,
        "stytch-m2m, async": awaited(
            lambda token: ours_async.authenticate_token(access_token=token, required_scopes=SCOPES)
        ),
        "stytch-m2m, 2 threads": in_two_threads(lazily),
        "official": officially,
        "official, async": awaited(
            lambda token: official.authenticate_token_async(token, required_scopes=SCOPES)
        ),
        "official, 2 threads": in_two_threads(officially),
    }


def main(raw_program: str) -> None:
    with (
        Emulator() as emulator,
        subprocess.Popen(
            [raw_program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as raw,
    ):
        assert raw.stdin is not None
        assert raw.stdout is not None
        tokens = [
            emulator.issue_token(f"m2m-client-test-{number}", scopes=["read:users", "write:users"])
            for number in range(TOKENS)
        ]
        entries = contenders(emulator)
        for work in entries.values():  # Each fetches its keys.
            work(tokens)
        taken: dict[str, list[float]] = {name: [] for name in ("raw signature check", *entries)}
        for _ in range(ROUNDS):
            print(TOKENS, file=raw.stdin, flush=True)
            taken["raw signature check"].append(float(raw.stdout.readline()))
            for name, work in entries.items():
                started = time.perf_counter()
                work(tokens)
                taken[name].append((time.perf_counter() - started) / TOKENS * 1e6)
        raw.stdin.close()
    report({name: median(times) for name, times in taken.items()})


def report(medians: dict[str, float]) -> None:
    limit = medians["raw signature check"]
    print("| | us a token | x raw |\n|---|---|---|")
    for name, microseconds in medians.items():
        print(f"| {name} | {microseconds:.1f} | {microseconds / limit:.2f} |")


if __name__ == "__main__":
    main(sys.argv[1])
