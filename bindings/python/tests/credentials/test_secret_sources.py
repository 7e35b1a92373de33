"""Secrets that change under a running process."""

from __future__ import annotations

import asyncio
import functools
import os
import threading
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest
import trio
from billing_client import ID, SECRET, Kind, refetch, rotate
from processes import finish, python
from stytch_m2m import (
    AsyncClient,
    AsyncTokenSource,
    AuthenticationError,
    Client,
    InvalidConfigError,
    NetworkError,
    Secret,
    SecretSource,
    TokenSource,
)
from stytch_m2m.testing import Emulator
from support import answer


def in_file(folder: Path) -> tuple[Secret, Callable[[str], object]]:
    path = folder / "secret"
    return SecretSource.file(path), lambda secret: path.write_text(f"{secret}\n")


def in_variable(_: Path) -> tuple[Secret, Callable[[str], object]]:
    name = "CREDENTIALS_TEST_SECRET"
    return SecretSource.env(name), functools.partial(os.environ.__setitem__, name)


def in_function(_: Path) -> tuple[Secret, Callable[[str], object]]:
    vault: list[str] = []
    return lambda: vault[-1], vault.append


def in_coroutine_function(_: Path) -> tuple[Secret, Callable[[str], object]]:
    vault: list[str] = []

    async def secret() -> str:
        await asyncio.sleep(0)
        return vault[-1]

    return SecretSource.function(secret), vault.append


@pytest.mark.parametrize(
    "place", [in_file, in_variable, in_function, in_coroutine_function], ids=lambda f: f.__name__
)
async def test_a_rotated_secret_is_taken_up_without_a_restart(
    emulator: Emulator,
    server: dict[str, Any],
    kind: Kind,
    place: Callable[[Path], tuple[Secret, Callable[[str], object]]],
    tmp_path: Path,
) -> None:
    secret, store = place(tmp_path)
    store(SECRET)
    source = kind(client_id=ID, client_secret=secret, **server)
    await refetch(source)
    store(rotate(emulator))
    assert await refetch(source)


async def test_the_next_secret_takes_over_when_the_current_one_is_refused(
    emulator: Emulator, server: dict[str, Any], kind: Kind
) -> None:
    with Client(**emulator.settings) as client:
        secrets = client.m2m.clients.secrets
        new = secrets.rotate_start(client_id=ID).m2m_client.next_client_secret
        source = kind(client_id=ID, client_secret=SECRET, next_client_secret=new, **server)
        await refetch(source)
        secrets.rotate(client_id=ID)
    assert await refetch(source)


async def test_a_projects_secret_may_come_from_a_function(any_client: Client | AsyncClient) -> None:
    async def secret() -> str:
        return os.environ["STYTCH_SECRET"]

    async with AsyncClient(secret=secret) as client:
        made = (await client.m2m.clients.create(scopes=[])).m2m_client
    with Client(secret=lambda: os.environ["STYTCH_SECRET"]) as blocking:
        assert blocking.m2m.clients.delete(client_id=made.client_id)


CALLER: ContextVar[str] = ContextVar("CALLER", default="nobody")


async def test_an_asynchronous_function_runs_on_the_callers_loop_and_in_its_context(
    server: dict[str, Any],
) -> None:
    seen: list[tuple[object, str]] = []

    async def secret() -> str:
        seen.append((asyncio.get_running_loop(), CALLER.get()))
        return SECRET

    CALLER.set("asyncio")
    async with AsyncTokenSource(client_id=ID, client_secret=secret, **server) as source:
        await source.get_token()
    assert seen == [(asyncio.get_running_loop(), "asyncio")]

    # A call that blocks the loop must not wait for it.
    with TokenSource(client_id=ID, client_secret=secret, **server) as blocking:
        blocking.get_token()
    assert seen[1][0] is not asyncio.get_running_loop() and seen[1][1] == "asyncio"


def test_under_trio_an_asynchronous_function_runs_in_trio(server: dict[str, Any]) -> None:
    async def secret() -> str:
        await trio.sleep(0)
        return SECRET

    async def main() -> None:
        async with AsyncTokenSource(client_id=ID, client_secret=secret, **server) as source:
            await refetch(source)

    trio.run(main)


async def test_one_call_of_the_function_serves_all_callers(server: dict[str, Any]) -> None:
    calls: list[int] = []

    async def secret() -> str:
        calls.append(1)
        await asyncio.sleep(0.05)
        return SECRET

    async with AsyncTokenSource(client_id=ID, client_secret=secret, **server) as source:
        await asyncio.gather(*(source.get_token() for _ in range(20)))
    assert len(calls) == 1


async def test_what_a_function_raises_is_named_and_not_quoted(
    server: dict[str, Any], kind: Kind
) -> None:
    def secret() -> str:
        raise PermissionError("canary-of-the-vault")

    source = kind(client_id=ID, client_secret=secret, **server)
    with pytest.raises(NetworkError, match=r"client_secret.*PermissionError") as failed:
        await answer(source.get_token())
    assert "canary" not in str(failed.value)

    source = kind(client_id=ID, client_secret=lambda: b"canary", **server)  # type: ignore[arg-type, return-value]
    with pytest.raises(NetworkError, match=r"client_secret.*TypeError") as failed:
        await answer(source.get_token())
    assert "canary" not in str(failed.value)


def test_a_file_or_variable_that_cannot_be_read_is_named(
    server: dict[str, Any], tmp_path: Path
) -> None:
    missing = SecretSource.file(tmp_path / "missing")
    with pytest.raises(InvalidConfigError, match=r"client_secret.*missing") as wrong:
        TokenSource(client_id=ID, client_secret=missing, **server).get_token()
    assert wrong.value.field == "client_secret"
    with pytest.raises(InvalidConfigError, match="UNSET_VARIABLE"):
        TokenSource(client_id=ID, client_secret=SecretSource.env("UNSET_VARIABLE"), **server)


def test_a_secret_source_shows_where_and_not_what() -> None:
    assert repr(SecretSource.file("/run/secret")) == "SecretSource.file('/run/secret')"
    assert repr(SecretSource.env("NAME")) == "SecretSource.env('NAME')"
    assert repr(SecretSource.value("canary")) == "SecretSource.value(<hidden>)"
    assert repr(SecretSource.function(lambda: "canary")) == "SecretSource.function(<hidden>)"
    with pytest.raises(TypeError, match=r"SecretSource\.file"):
        SecretSource()
    with pytest.raises(TypeError, match="must be a function, not str"):
        SecretSource.function("canary")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"client_secret": b"canary"}, "client_secret.*must be a str, not bytes"),
        ({"client_secret": 7}, "client_secret.*a str, a SecretSource or a function, not int"),
        ({"private_key": ["canary"]}, "private_key.*a str, a SecretSource or a function, not list"),
        ({"client_secret": "s", "key_id": 7}, "key_id"),
    ],
)
def test_wrong_types_are_named(
    settings: dict[str, Any], says: str, server: dict[str, Any], kind: Kind
) -> None:
    with pytest.raises(TypeError, match=says) as wrong:
        kind(client_id=ID, **settings, **server)
    assert "canary" not in str(wrong.value)


PROGRAM = """
import sys
from stytch_m2m import TokenSource
with TokenSource() as source:
    assert source.get_token().access_token
    print(source)
"""


@pytest.mark.parametrize("form", ["value", "file"])
def test_a_source_takes_everything_from_the_environment(
    form: str,
    emulator: Emulator,
    server: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("STYTCH_SECRET", "STYTCH_BASE_URL", "STYTCH_PROJECT_ID"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("STYTCH_CLIENT_ID", ID)
    url = f"{emulator.base_url}/v1/public/{emulator.project_id}/oauth2/token"
    monkeypatch.setenv("STYTCH_TOKEN_URL", url)
    if form == "value":
        monkeypatch.setenv("STYTCH_CLIENT_SECRET", SECRET)
    else:
        (tmp_path / "secret").write_text(SECRET)
        monkeypatch.setenv("STYTCH_CLIENT_SECRET_FILE", str(tmp_path / "secret"))
    assert finish(python(PROGRAM)) == "TokenSource(client_id='billing')\n"
    # Arguments win.
    with pytest.raises(AuthenticationError):
        TokenSource(client_id=ID, client_secret="wrong-secret-1").get_token()


def test_a_function_that_hangs_ends_with_the_process() -> None:
    script = """
        import threading, time
        from stytch_m2m import StytchM2MError, TokenSource
        source = TokenSource(
            client_id="a", client_secret=lambda: time.sleep(3), attempt_timeout_seconds=0.2
        )
        try:
            source.get_token()
        except StytchM2MError as error:
            print(error.code)
    """
    assert finish(python(script)) == "timeout\n"


def test_threads_share_a_function(server: dict[str, Any]) -> None:
    calls: list[int] = []

    def secret() -> str:
        calls.append(1)
        return SECRET

    with TokenSource(client_id=ID, client_secret=secret, **server) as source:
        threads = [threading.Thread(target=source.get_token) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert source.stats().failures == 0
    assert len(calls) == 1
