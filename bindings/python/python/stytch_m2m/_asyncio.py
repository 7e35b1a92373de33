"""Waiting for the native runtime from asyncio, or from trio."""

from __future__ import annotations

import sys

from ._native import Hidden

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from ._native import Call

    T = TypeVar("T")


async def run(call: Call[T]) -> T:
    """Makes the call, which is dropped with the waiting for it."""
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_task():
        return await _run_in_trio(call)
    import asyncio  # Half of the package's import time, which synchronous users do not need.
    from contextlib import suppress

    loop = asyncio.get_running_loop()
    # A future shows its result, which may be a secret, in its `repr`.
    future: asyncio.Future[Hidden[T]] = loop.create_future()

    def settle(value: Hidden[T], error: Exception | None) -> None:
        if future.done():  # It was cancelled.
            return
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)

    def done(value: Hidden[T], error: Exception | None) -> None:
        with suppress(RuntimeError):  # The loop is closed, so nobody waits.
            loop.call_soon_threadsafe(settle, value, error)

    task = call.start(done, loop)
    try:
        return (await future).reveal()
    finally:
        task.cancel()


def place() -> object | None:
    """The event loop of this thread, or its token of trio's, if one runs."""
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        return trio.lowlevel.current_trio_token()  # type: ignore[no-any-return]
    asyncio = sys.modules.get("asyncio")
    return asyncio._get_running_loop() if asyncio is not None else None


async def _run_in_trio(call: Call[T]) -> T:
    from contextlib import suppress

    import trio

    token, answered = trio.lowlevel.current_trio_token(), trio.Event()
    answer: list[tuple[Hidden[T], Exception | None]] = []

    def done(value: Hidden[T], error: Exception | None) -> None:
        answer.append((value, error))
        with suppress(trio.RunFinishedError):  # Nobody waits.
            token.run_sync_soon(answered.set)

    task = call.start(done, token)
    try:
        await answered.wait()
    finally:
        task.cancel()
    ((value, error),) = answer
    if error is not None:
        raise error
    return value.reveal()
