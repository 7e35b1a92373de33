"""Giving a rotation up."""

from __future__ import annotations

from ._errors import StytchM2MError


def still_under_way(error: StytchM2MError) -> None:
    """Logs that a rotation could not be cancelled: the caller should hear of the failure that came
    before. Both secrets work until `rotate_cancel`."""
    import logging

    logger = logging.getLogger("stytch_m2m")
    logger.warning("the rotation is still under way code=%s", error.code)
