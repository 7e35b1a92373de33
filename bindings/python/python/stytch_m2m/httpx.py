"""Tokens for httpx: `httpx.Client(auth=TokenAuth(source))`, and likewise `httpx.AsyncClient`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator

import httpx

from ._async_client import AsyncTokenSource
from ._asyncio import run
from ._bearer import refuses_token
from ._client import TokenSource
from ._models import Token

__all__ = ["TokenAuth"]


class TokenAuth(httpx.Auth):
    """Sends a fresh token of `source` with every request.

    When a server answers that the token is invalid, it fetches another one, once, and repeats the
    request if its body is at hand. Either source serves either client.
    """

    def __init__(self, source: TokenSource | AsyncTokenSource) -> None:
        self._source = source

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Called by `httpx.Client`."""
        native = self._source._core
        token = native.try_get_token() or native.get_token().wait()
        response = yield _authorized(request, token)
        if self._may_repeat(request, response, token):
            another = native.get_token().wait()
            if another.access_token != token.access_token:
                yield _authorized(request, another)

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Called by `httpx.AsyncClient`."""
        native = self._source._core
        token = native.try_get_token()
        if token is None:
            token = await run(native.get_token())
        response = yield _authorized(request, token)
        if self._may_repeat(request, response, token):
            another = await run(native.get_token())
            if another.access_token != token.access_token:
                yield _authorized(request, another)

    def _may_repeat(self, request: httpx.Request, response: httpx.Response, token: Token) -> bool:
        challenge = response.headers.get("WWW-Authenticate", "")
        # After a redirect to another host it was not this token that was refused.
        same_host = response.url.host == request.url.host
        if not (same_host and refuses_token(response.status_code, challenge)):
            return False
        self._source.invalidate(token.access_token)
        return isinstance(request.stream, httpx.ByteStream)


def _authorized(request: httpx.Request, token: Token) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {token.access_token}"
    return request
