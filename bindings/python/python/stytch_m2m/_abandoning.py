"""Giving a rotation up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ._errors import StytchM2MError


@contextmanager
def abandoning() -> Iterator[None]:
    """Logs what fails inside: the caller should hear of the failure that came before it. A rotation
    that is left under way does no harm."""
    try:
        yield
    except StytchM2MError as error:
        import logging

        logging.getLogger("stytch_m2m").warning(
            "the rotation is still under way code=%s", error.code
        )
