"""Tokens for httpx.

    client = httpx.Client(auth=TokenAuth(source, origins=["https://api.example.com"]))

Likewise `httpx.AsyncClient`, under asyncio and under trio.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Sequence

from ._extra import Extra

with Extra("httpx"):
    import httpx

from ._async_client import AsyncTokenSource
from ._bearer import refuses_token
from ._client import TokenSource
from ._models import Token
from ._outgoing import origin_list, origin_of

__all__ = ["TokenAuth"]


class TokenAuth(httpx.Auth):
    """Sends a fresh token of `source` with every request to one of the `origins`.

    Any other request goes on without the token: to another origin, be it by a redirect, and one
    that has an `Authorization` header of its own.

    When a server of these origins answers 401 with `Bearer error="invalid_token"`, another token is
    fetched and the request repeated, once, if its body can be sent again and no redirect came
    between. Either source serves either client.
    """

    def __init__(self, source: TokenSource | AsyncTokenSource, *, origins: Sequence[str]) -> None:
        """Names where tokens may go.

        Args:
            source: Fetches tokens: transport, store and counters.
            origins: As `https://api.example.com`, with a port if it is not 443. `http` is for
                loopback alone.
        """
        self._source = source
        self._origins = origin_list(origins)

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Called by `httpx.Client`."""
        if not self._takes_token(request):
            yield request
            return
        token = self._source._get_token()
        response = yield _authorized(request, token)
        if self._may_repeat(request, response, token):
            another = self._source._get_token()
            if another.access_token != token.access_token:
                yield _authorized(request, another)

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Called by `httpx.AsyncClient`."""
        if not self._takes_token(request):
            yield request
            return
        token = await self._source._get_token_async()
        response = yield _authorized(request, token)
        if self._may_repeat(request, response, token):
            another = await self._source._get_token_async()
            if another.access_token != token.access_token:
                yield _authorized(request, another)

    def _takes_token(self, request: httpx.Request) -> bool:
        url = request.url
        origin = origin_of(url.scheme, url.raw_host.decode("ascii"), url.port)
        return "Authorization" not in request.headers and self._origins.allows(origin)

    def _may_repeat(self, request: httpx.Request, response: httpx.Response, token: Token) -> bool:
        challenges = response.headers.get_list("WWW-Authenticate")
        # After a redirect it was another request that was refused.
        if response.request is not request or not refuses_token(response.status_code, challenges):
            return False
        self._source.invalidate(token.access_token)
        return isinstance(request.stream, httpx.ByteStream)


def _authorized(request: httpx.Request, token: Token) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {token.access_token}"
    return request
