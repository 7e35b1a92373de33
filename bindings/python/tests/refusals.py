"""What a protected service answers, whatever its framework (RFC 6750)."""

from __future__ import annotations

from dataclasses import dataclass

from support import issue


@dataclass(frozen=True)
class Case:
    """A request to a view that asks for `read:users` and takes tokens of ten minutes' age."""

    authorization: str | None
    status: int
    challenge: str | None
    code: str


def cases() -> list[Case]:
    invalid = 'Bearer error="invalid_token"'
    old = issue(["read:users"], issued_at_offset_seconds=-601)
    bad = ["", "a.b.c", "a b", issue(["read:users"], signature="corrupted"), old]
    return [
        *(Case(header, 401, "Bearer", "invalid_token") for header in (None, "Basic eDp5")),
        *(Case(f"Bearer {token}", 401, invalid, "invalid_token") for token in bad),
        Case(
            f"Bearer {issue(['write:users'])}",
            403,
            'Bearer error="insufficient_scope", scope="read:users"',
            "insufficient_scope",
        ),
    ]
