"""Tokens for aiohttp: `ClientSession(middlewares=[TokenMiddleware(source, "https://api...")])`."""

from __future__ import annotations

from aiohttp import ClientHandlerType, ClientRequest, ClientResponse, hdrs
from yarl import URL

from ._async_client import AsyncTokenSource
from ._bearer import refuses_token
from ._models import Token

__all__ = ["TokenMiddleware"]


class TokenMiddleware:
    """Sends a fresh token of `source` with every request to `origin`, and to no other: a session's
    middlewares see where it is redirected to as well.

    When the server answers that the token is invalid, it fetches another one, once, and repeats the
    request if its body is at hand.
    """

    def __init__(self, source: AsyncTokenSource, origin: str) -> None:
        self._source = source
        self._origin = URL(origin).origin()

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Called by aiohttp."""
        if request.url.origin() != self._origin:
            return await handler(request)
        token = await self._source.get_token()
        response = await handler(_authorized(request, token))
        challenge = response.headers.get(hdrs.WWW_AUTHENTICATE, "")
        if not refuses_token(response.status, challenge):
            return response
        self._source.invalidate(token.access_token)
        if getattr(request.body, "consumed", False):
            return response
        another = await self._source.get_token()
        if another.access_token == token.access_token:
            return response
        response.release()
        return await handler(_authorized(request, another))


def _authorized(request: ClientRequest, token: Token) -> ClientRequest:
    request.headers[hdrs.AUTHORIZATION] = f"Bearer {token.access_token}"
    return request
