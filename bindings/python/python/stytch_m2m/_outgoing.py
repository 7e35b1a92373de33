"""What the plugs of all HTTP clients share."""

from __future__ import annotations

from collections.abc import Sequence

from ._native import Origins


def origin_list(origins: Sequence[str]) -> Origins:
    """The origins that tokens may go to."""
    if isinstance(origins, str):
        raise TypeError(
            'origins must be a list such as ["https://api.example.com"], not one string'
        )
    return Origins(list(origins))


def check_source(source: object, kind: type, needs: str) -> None:
    """Refuses, where a plug is made, a source whose tokens it could not wait for."""
    if isinstance(source, kind):
        raise TypeError(f"source must be {needs}, not {type(source).__name__}")


def origin_of(scheme: str, host: str, port: int | None) -> str:
    """The origin of a request, by the HTTP client's own reading of its URL."""
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}" if port is None else f"{scheme}://{host}:{port}"
