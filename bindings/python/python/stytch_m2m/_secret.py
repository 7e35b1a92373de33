"""Where a secret comes from."""

from __future__ import annotations

import os

from . import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from ._types import Secret

_LIMIT_SECONDS = 60
"""Nobody waits for it any longer: the core's limit is `attempt_timeout_seconds`."""


class SecretSource:
    """Where a secret comes from, if it may change while the program runs. Whatever takes a secret
    takes one of these, or a function, in place of a `str`.

        source = TokenSource(
            client_id="billing", client_secret=SecretSource.file("/run/secrets/billing")
        )
    """

    __slots__ = ("_given", "_kind", "_on_loop")

    _kind: str
    _given: _native.Hidden[Any]
    _on_loop: bool

    def __init__(self) -> None:
        raise TypeError("use SecretSource.file(...), env(...), function(...) or value(...)")

    @staticmethod
    def value(secret: str) -> SecretSource:
        """The secret itself; the same as a `str`."""
        hidden = _native.Hidden(secret)
        del secret
        return _make("value", hidden)

    @staticmethod
    def file(path: str | os.PathLike[str]) -> SecretSource:
        """A file with nothing but the secret; line breaks at its end do not count. It is read at
        first use, again when it changes, and when a server refuses the secret."""
        return _make("file", _native.Hidden(os.fspath(path)))

    @staticmethod
    def env(name: str) -> SecretSource:
        """An environment variable. It is read at first use, and again when a server refuses the
        secret."""
        return _make("env", _native.Hidden(name))

    @staticmethod
    def function(function: Callable[[], str | Awaitable[str]]) -> SecretSource:
        """A function, such as a vault's client. It is called at first use, and again when a server
        refuses the secret; for an assertion, before each request. One call serves all concurrent
        callers, and may take `attempt_timeout_seconds`. If it raises, the error has the exception's
        type and not its text, which may hold anything.

        It is called on a thread of its own, with the caller's context variables. What it awaits
        runs on the caller's event loop if an asynchronous class has called it, and otherwise on a
        loop of its own."""
        hidden = _native.Hidden(function)
        del function
        if not callable(hidden.reveal()):
            raise TypeError(f"must be a function, not {type(hidden.reveal()).__name__}")
        return _make("function", hidden)

    def __repr__(self) -> str:
        shown = repr(self._given.reveal()) if self._kind in ("file", "env") else "<hidden>"
        return f"SecretSource.{self._kind}({shown})"


def _make(kind: str, given: _native.Hidden[Any], on_loop: bool = False) -> SecretSource:
    source = object.__new__(SecretSource)
    source._kind, source._given, source._on_loop = kind, given, on_loop
    return source


def native(given: Secret | None, on_loop: bool) -> _native.Hidden[Any]:
    """A setting as the native module takes it. What a function awaits runs `on_loop`, the caller's
    event loop, or on one of its own."""
    hidden = _native.Hidden(given)
    del given
    value = hidden.reveal()
    if isinstance(value, SecretSource):
        if value._kind == "function":
            return _native.Hidden(_make("function", value._given, on_loop))
    elif callable(value):
        return _native.Hidden(_make("function", hidden, on_loop))
    del value
    return hidden


def call(function: Callable[..., Any], place: Any, argument: str | None) -> _native.Hidden[Any]:
    """What the function returns for the argument, if there is one, awaited at `place`: an event
    loop, a token of trio's, or `None` for a loop of its own."""
    returned = _native.Hidden(function() if argument is None else function(argument))
    if hasattr(returned.reveal(), "__await__"):
        return _awaited(returned, place)
    return returned


def _awaited(returned: _native.Hidden[Any], place: Any) -> _native.Hidden[Any]:
    async def wait() -> _native.Hidden[Any]:
        return _native.Hidden(await returned.reveal())

    import sys

    trio = sys.modules.get("trio")
    if trio is not None and isinstance(place, trio.lowlevel.TrioToken):
        waited: _native.Hidden[Any] = trio.from_thread.run(wait, trio_token=place)
        return waited
    import asyncio

    if place is None or place.is_closed():
        return asyncio.run(wait())
    return asyncio.run_coroutine_threadsafe(wait(), place).result(_LIMIT_SECONDS)
