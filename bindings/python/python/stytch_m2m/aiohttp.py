"""Tokens for aiohttp.

tokens = TokenMiddleware(source, origins=["https://api.example.com"])
session = ClientSession(middlewares=[tokens])
"""

from __future__ import annotations

from collections.abc import Sequence

from ._extra import Extra

with Extra("aiohttp"):
    from aiohttp import ClientHandlerType, ClientRequest, ClientResponse, hdrs

from ._async_client import AsyncTokenSource
from ._bearer import refuses_token
from ._client import TokenSource
from ._models import Token
from ._outgoing import check_source, origin_list, origin_of

__all__ = ["TokenMiddleware"]


class TokenMiddleware:
    """Sends a fresh token of `source` with every request to one of the `origins`.

    Any other request goes on without the token: to another origin, be it by a redirect, and one
    that has an `Authorization` header of its own. List it as the last of the middlewares.

    When a server of these origins answers 401 with `Bearer error="invalid_token"`, the middleware
    fetches another token and repeats the request, once, if its body can be sent again.
    """

    def __init__(self, source: AsyncTokenSource, *, origins: Sequence[str]) -> None:
        """Names where tokens may go.

        Args:
            source: Fetches tokens: transport, store and counters.
            origins: As `https://api.example.com`, with a port if it is not 443. `http` is for
                loopback alone.
        """
        check_source(source, TokenSource, "an AsyncTokenSource")
        self._source = source
        self._origins = origin_list(origins)

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Called by aiohttp."""
        if hdrs.AUTHORIZATION in request.headers or not self._may_carry_token(request):
            return await handler(request)
        token = await self._source.get_token()
        response = await handler(_authorized(request, token))
        challenges = response.headers.getall(hdrs.WWW_AUTHENTICATE, [])
        if not refuses_token(response.status, challenges):
            return response
        try:
            self._source.invalidate(token.access_token)
            if getattr(request.body, "consumed", False):
                return response
            another = await self._source.get_token()
        except BaseException:
            response.close()
            raise
        if another.access_token == token.access_token or not self._may_carry_token(request):
            return response
        response.release()
        return await handler(_authorized(request, another))

    def _may_carry_token(self, request: ClientRequest) -> bool:
        url = request.url
        return self._origins.allows(origin_of(url.scheme, url.raw_host or "", url.port))


def _authorized(request: ClientRequest, token: Token) -> ClientRequest:
    request.headers[hdrs.AUTHORIZATION] = f"Bearer {token.access_token}"
    return request
