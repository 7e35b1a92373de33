"""Waiting for the native runtime from asyncio."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from ._core import Call

    T = TypeVar("T")


async def run(call: Call[T]) -> T:
    """Makes the call, which is dropped with the waiting for it."""
    import asyncio  # Half of the package's import time, which synchronous users do not need.
    from contextlib import suppress

    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(value: Any, error: Exception | None) -> None:
        if future.done():  # It was cancelled.
            return
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)

    def done(value: T | None, error: Exception | None) -> None:
        with suppress(RuntimeError):  # The loop is closed, so nobody waits.
            loop.call_soon_threadsafe(settle, value, error)

    task = call.start(done)
    try:
        return await future
    finally:
        task.cancel()
