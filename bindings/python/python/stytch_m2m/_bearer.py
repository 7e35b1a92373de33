"""What a server says about a bearer token (RFC 6750)."""

from __future__ import annotations

import re

_INVALID_TOKEN = re.compile(r'\berror="?invalid_token\b', re.IGNORECASE)


def refuses_token(status_code: int, www_authenticate: str) -> bool:
    """Whether the answer says that the token itself is invalid, so that another one may help."""
    return status_code == 401 and _INVALID_TOKEN.search(www_authenticate) is not None
