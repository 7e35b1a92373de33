"""Waiting for the native runtime under gevent."""

from __future__ import annotations

from ._native import Call, Hidden

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")


def wait(call: Call[T]) -> T:
    """Makes the call on a thread of gevent's pool, so that the other greenlets go on."""
    from contextvars import copy_context

    import gevent  # type: ignore[import-untyped,import-not-found,unused-ignore]

    context = copy_context()

    def outcome() -> tuple[Hidden[T] | None, BaseException | None]:
        try:
            return Hidden(context.run(call.block)), None
        except BaseException as error:  # The pool would print it.
            return None, error

    value, error = gevent.get_hub().threadpool.apply(outcome)
    if error is not None:
        raise error
    return value.reveal()  # type: ignore[no-any-return]
