"""What the guards of all frameworks share."""

from __future__ import annotations

from collections.abc import Sequence

from ._errors import StytchM2MError
from ._models import Refusal


def scope_list(required_scopes: Sequence[str]) -> tuple[str, ...]:
    """The scopes, which are named once, where the guard is made."""
    if isinstance(required_scopes, str):
        raise TypeError(
            'required_scopes must be a list such as ["read:users"], not one string:'
            f" {required_scopes!r}"
        )
    return tuple(required_scopes)


def check_verifier(verifier: object, kind: type, needs: str) -> None:
    """Refuses, where a guard is made, a verifier that it could not ask.

    Args:
        verifier: What the guard was given.
        kind: The base of this package's verifiers that the guard cannot ask: of other classes it is
            not known whether their calls are awaited.
        needs: What the guard needs.
    """
    if isinstance(verifier, kind) or not hasattr(verifier, "authenticate_token"):
        raise TypeError(f"verifier must be {needs}, not {type(verifier).__name__}")


def refusal_of(error: StytchM2MError) -> Refusal:
    """How to answer the caller. Raises the error if it is the service's own: that is a 500."""
    if error.refusal is None:
        raise error
    return error.refusal
