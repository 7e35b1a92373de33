"""Bearer tokens in HTTP (RFC 6750)."""

from __future__ import annotations

from . import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def token_from_authorization_header(value: str | None) -> str:
    """The token in an `Authorization` header's value: `Bearer`, in any case, and one token.

    Args:
        value: The header's value, or `None` for a request without the header.

    Raises:
        InvalidTokenError: With the reason `missing` when there is no header or another scheme,
            `malformed` when the scheme is not followed by exactly one token.
    """
    hidden = _native.Hidden(value)
    del value
    return _native.token_from_authorization_header(hidden.reveal())


def token_from_authorization_headers(values: Sequence[str]) -> str:
    """The token in a request's `Authorization` headers: all of them, as the server received them.

    Raises:
        InvalidTokenError: As `token_from_authorization_header`, and with the reason `malformed` for
            more than one header.
    """
    hidden = [_native.Hidden(value) for value in values]
    del values
    return _native.token_from_authorization_headers([value.reveal() for value in hidden])


def refuses_token(status: int, www_authenticate: Sequence[str]) -> bool:
    """Whether an answer says that the token itself is invalid, so that another token may help:
    status 401 and a `Bearer` challenge with `error="invalid_token"` in a `WWW-Authenticate` header.
    """
    return _native.refuses_token(status, www_authenticate)
