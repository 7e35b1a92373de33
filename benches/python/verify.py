"""Verification."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from measure import DATA, OURS, Raw, Round, lines, measure
from peers import BASE_URL, PROJECT, SCOPES, Verify, official, verifiers
from stytch_m2m import AsyncTokenVerifier, IssuerConfig, TokenClaims, TokenVerifier

# Long enough for the caches to be one's own, short enough for most not to be disturbed.
ROUND = 400
ROUNDS = 40


def verification(raw: Raw) -> None:
    tokens = lines("tokens.txt")
    many(raw, tokens)
    awaited(raw, tokens)
    for keys in ("10", "100"):
        ours = {OURS: strict(f"jwks-{keys}.json")}
        work(f"verify, {keys} keys", raw, tokens, ours | verifiers(f"jwks-{keys}.json"))
    for size in ("4", "12"):
        everyone = {OURS: strict(), **verifiers("jwks.json")}
        tokens_of_size = f"tokens-{size}k.txt"
        work(f"verify, {size} KB", raw.of(tokens_of_size), lines(tokens_of_size), everyone)
    one(raw, tokens[0])


def strict(jwks: str | None = None, remembered: int = 0) -> Callable[[str], TokenClaims]:
    """Ours, with keys that were fetched, or with those of the file `jwks`."""
    if jwks is None:
        verifier = TokenVerifier(
            project_id=PROJECT, base_url=BASE_URL, verified_token_cache_size=remembered
        )
    else:
        issuer = IssuerConfig.stytch(project_id=PROJECT, base_url=BASE_URL)
        issuer = replace(issuer, jwks_url=None, jwks=(DATA / jwks).read_text())
        verifier = TokenVerifier(issuers=[issuer])
    return lambda token: verifier.authenticate_token(access_token=token, required_scopes=SCOPES)


def many(raw: Raw, tokens: list[str]) -> None:
    ours = strict()

    def read(token: str) -> object:
        claims = ours(token)
        return (
            claims.client_id,
            claims.scopes,
            claims.custom_claims,
            claims.issuer,
            claims.audience,
            claims.issued_at,
            claims.not_before,
            claims.expires_at,
            claims.token_id,
        )

    client = official().m2m
    others = {
        "stytch": lambda token: client.authenticate_token(token, required_scopes=SCOPES),
        **verifiers("jwks.json"),
    }
    work("verify, 10,000 tokens", raw, tokens, {OURS: ours, **others})
    work("verify, 10,000 tokens, claims read", raw, tokens, {OURS: read, **others})
    with ThreadPoolExecutor(2) as threads:

        def in_two(verify: Verify) -> Round:
            def each(some: list[str]) -> None:
                for token in some:
                    verify(token)

            def run(number: int) -> None:
                some = share(tokens, number, 4 * ROUND)
                list(threads.map(each, (some[::2], some[1::2])))

            return run

        everyone = {name: in_two(verify) for name, verify in {OURS: ours, **others}.items()}
        name = "verify, 10,000 tokens, 2 threads"
        measure(name, 4 * ROUND, everyone, rounds=ROUNDS // 4)


def awaited(raw: Raw, tokens: list[str]) -> None:
    loop = asyncio.new_event_loop()
    verifier = AsyncTokenVerifier(project_id=PROJECT, base_url=BASE_URL)
    client = official().m2m
    authenticate: dict[str, Callable[[str], Awaitable[object]]] = {
        OURS: lambda token: verifier.authenticate_token(access_token=token, required_scopes=SCOPES),
        "stytch": lambda token: client.authenticate_token_async(token, required_scopes=SCOPES),
    }

    def one_at_a_time(verify: Callable[[str], Awaitable[object]]) -> Round:
        async def run(number: int) -> None:
            for token in share(tokens, number, ROUND):
                await verify(token)

        return lambda number: loop.run_until_complete(run(number))

    def at_once(verify: Callable[[str], Awaitable[object]]) -> Round:
        async def run(number: int) -> None:
            await asyncio.gather(*map(verify, share(tokens, number, 64)))

        return lambda number: loop.run_until_complete(run(number))

    everyone = {name: one_at_a_time(verify) for name, verify in authenticate.items()}
    measure("verify, async", ROUND, everyone, rounds=ROUNDS, raw=raw)
    everyone = {name: at_once(verify) for name, verify in authenticate.items()}
    measure("verify, async, 64 at once", 64, everyone, rounds=ROUNDS, raw=raw)
    loop.close()


def one(raw: Raw, token: str) -> None:
    """The same token again and again, as most come."""
    work("verify, one token", raw, [token] * ROUND, {OURS: strict()} | verifiers("jwks.json"))
    remembering, times = strict(remembered=10_000), range(5_000)

    def again(_: int) -> None:
        for _ in times:
            remembering(token)

    measure("verify, one token, remembered", len(times), {OURS: again}, rounds=50)


def work(name: str, raw: Raw, tokens: list[str], everyone: dict[str, Verify]) -> None:
    def in_rounds(verify: Verify) -> Round:
        def run(number: int) -> None:
            for token in share(tokens, number, ROUND):
                verify(token)

        return run

    contenders = {who: in_rounds(verify) for who, verify in everyone.items()}
    measure(name, ROUND, contenders, rounds=ROUNDS, raw=raw)


def share(tokens: list[str], number: int, size: int) -> list[str]:
    """The round's part."""
    start = number % (len(tokens) // size) * size
    return tokens[start : start + size]
