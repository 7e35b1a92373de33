"""What a protected service answers, whatever its framework (RFC 6750)."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from support import closed_port, issue


@dataclass(frozen=True)
class Case:
    """A request to a view that asks for `read:users` and takes tokens of ten minutes' age."""

    authorization: str | None
    status: int
    challenge: str | None
    code: str

    def answer(self) -> tuple[int, dict[str, str | None], bytes]:
        """Status, headers and body, all of it."""
        return self.status, self.headers(), f'{{"error":"{self.code}"}}'.encode()

    def headers(self) -> dict[str, str | None]:
        return {
            "Content-Type": "application/json",
            "Cache-Control": "no-store",
            "WWW-Authenticate": self.challenge,
            "Retry-After": None,
        }


def answer(status: int, headers: Mapping[str, str], body: bytes) -> object:
    """An answer in the form of `Case.answer`."""
    names = ("Content-Type", "Cache-Control", "WWW-Authenticate", "Retry-After")
    return status, {name: headers.get(name) for name in names}, body


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


NO_KEYS = f"http://127.0.0.1:{closed_port()}"
"""Where no key set is."""


def assert_no_keys(status: int, headers: Mapping[str, str], body: bytes) -> None:
    """The answer, all of it, while the keys cannot be had."""
    seconds = headers.get("Retry-After")
    assert seconds is None or int(seconds) > 0
    case = Case(None, 503, None, "keys_unavailable")
    expected = {**case.headers(), "Retry-After": seconds}
    assert answer(status, headers, body) == (503, expected, case.answer()[2])


def ask(url: str, authorizations: Sequence[str]) -> tuple[int, dict[str, str], bytes]:
    """Asks with these `Authorization` headers, each a line of its own."""
    parts = urlsplit(url)
    lines = [f"GET {parts.path or '/'} HTTP/1.0", f"Host: {parts.netloc}", "Connection: close"]
    lines += [f"Authorization: {value}" for value in authorizations]
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        head, _, body = b"".join(iter(lambda: connection.recv(65536), b"")).partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    headers = {name.title(): value.strip() for name, _, value in (h.partition(":") for h in rest)}
    headers["WWW-Authenticate"] = headers.get("Www-Authenticate", "")
    return int(first.split()[1]), headers, body


def assert_two_headers_are_refused(url: str) -> None:
    """Whatever they are: nobody may choose which of them counts."""
    good, other = (f"Bearer {issue(['read:users'])}" for _ in range(2))
    assert ask(url, [good])[0] == 200
    for given in ([good, other], [good, good], ["Basic eDp5", good], [good, "Basic eDp5"]):
        status, headers, body = ask(url, given)
        assert status in (400, 401), given
        if status == 401:  # Else the server itself refused it.
            # What WSGI makes one of may begin with another scheme.
            assert headers["WWW-Authenticate"] in ("Bearer", 'Bearer error="invalid_token"')
            assert json.loads(body) == {"error": "invalid_token"}
