"""What servers say about bearer tokens (RFC 6750), to us and through us."""

from __future__ import annotations

import math

from ._errors import InsufficientScopeError, InvalidTokenError, KeysUnavailableError, StytchM2MError

REFUSALS = (InvalidTokenError, InsufficientScopeError, KeysUnavailableError)
"""What a service answers for its caller: 401, 403 and 503. Anything else is its own mistake."""


def refusal_headers(error: StytchM2MError) -> dict[str, str]:
    """The headers that go with `error.http_status`."""
    headers = {}
    if error.www_authenticate is not None:
        headers["WWW-Authenticate"] = error.www_authenticate
    if (seconds := error.retry_after_seconds) is not None:
        headers["Retry-After"] = str(math.ceil(seconds))
    return headers


def refusal_body(error: StytchM2MError) -> dict[str, str]:
    """What the answer says, as JSON."""
    return {"error": error.code, "message": error.message}


def refuses_token(status_code: int, www_authenticate: str) -> bool:
    """Whether the answer says that the token itself is invalid, so that another one may help."""
    import re

    invalid = r'\berror="?invalid_token\b'
    return status_code == 401 and re.search(invalid, www_authenticate, re.IGNORECASE) is not None
