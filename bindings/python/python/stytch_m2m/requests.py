"""Tokens for requests: `session.auth = TokenAuth(source)`, or `requests.get(url, auth=...)`."""

from __future__ import annotations

from typing import Any

import requests
from requests.auth import AuthBase

from ._bearer import refuses_token
from ._client import TokenSource
from ._models import Token

__all__ = ["TokenAuth"]


class TokenAuth(AuthBase):
    """Sends a fresh token of `source` with every request.

    When a server answers that the token is invalid, it fetches another one, once, and repeats the
    request if its body is at hand.
    """

    def __init__(self, source: TokenSource) -> None:
        self._source = source

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Called by requests."""
        token = self._source.get_token()
        url = request.url

        def repeat(response: requests.Response, **options: Any) -> requests.Response:
            return self._repeat(response, token, options) if response.url == url else response

        request.hooks["response"].append(repeat)
        return _authorized(request, token)

    def _repeat(
        self, response: requests.Response, token: Token, options: dict[str, Any]
    ) -> requests.Response:
        challenge = response.headers.get("WWW-Authenticate", "")
        if not refuses_token(response.status_code, challenge):
            return response
        self._source.invalidate(token.access_token)
        another = self._source.get_token()
        is_at_hand = isinstance(response.request.body, (bytes, str, type(None)))
        if not is_at_hand or another.access_token == token.access_token:
            return response
        _ = response.content  # Read to the end, so that the connection can be used again.
        response.close()
        request = _authorized(response.request.copy(), another)
        repeated: requests.Response = response.connection.send(request, **options)
        repeated.history.append(response)
        repeated.request = request
        return repeated


def _authorized(request: requests.PreparedRequest, token: Token) -> requests.PreparedRequest:
    request.headers["Authorization"] = f"Bearer {token.access_token}"
    return request
