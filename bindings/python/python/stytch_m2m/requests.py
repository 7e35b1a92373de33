"""Tokens for requests.

    session.auth = TokenAuth(source, origins=["https://api.example.com"])

Likewise `requests.get(url, auth=...)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin

from ._extra import Extra

with Extra("requests"):
    import requests
    from requests.auth import AuthBase
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url

from ._async_client import AsyncTokenSource
from ._bearer import refuses_token
from ._client import TokenSource
from ._models import Token
from ._outgoing import check_source, origin_list, origin_of

__all__ = ["TokenAuth"]


class TokenAuth(AuthBase):
    """Sends a fresh token of `source` with every request to one of the `origins`.

    Any other request goes on without the token: to another origin, be it by a redirect, and one
    that has an `Authorization` header of its own.

    When a server of these origins answers 401 with `Bearer error="invalid_token"`, another token is
    fetched and the request repeated, once, if its body can be sent again and no redirect came
    between.
    """

    def __init__(self, source: TokenSource, *, origins: Sequence[str]) -> None:
        """Names where tokens may go.

        Args:
            source: Fetches tokens: transport, store and counters.
            origins: As `https://api.example.com`, with a port if it is not 443. `http` is for
                loopback alone.
        """
        check_source(source, AsyncTokenSource, "a TokenSource")
        self._source = source
        self._origins = origin_list(origins)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Called by requests."""
        if "Authorization" in request.headers or not self._allows(request.url):
            return request
        token = self._source.get_token()

        def respond(response: requests.Response, **options: Any) -> requests.Response:
            # What is sent after a redirect is a copy of `request`.
            if response.request is request:
                response = self._repeat(request, response, token, options)
            # requests itself lets a token follow from http to https.
            if response.is_redirect and not self._allows(_target(response)):
                for sent in (request, response.request):
                    sent.headers.pop("Authorization", None)
            return response

        request.hooks["response"].append(respond)
        return _authorized(request, token)

    def _allows(self, url: str | None) -> bool:
        try:
            parsed = parse_url(url or "")
        except LocationParseError:
            return False
        host = (parsed.host or "").strip("[]")
        return self._origins.allows(origin_of(parsed.scheme or "", host, parsed.port))

    def _repeat(
        self,
        request: requests.PreparedRequest,
        response: requests.Response,
        token: Token,
        options: dict[str, Any],
    ) -> requests.Response:
        if not refuses_token(response.status_code, _challenges(response)):
            return response
        try:
            self._source.invalidate(token.access_token)
            another = self._source.get_token()
        except BaseException:
            response.close()
            raise
        can_be_sent_again = isinstance(request.body, (bytes, str, type(None)))
        if not can_be_sent_again or another.access_token == token.access_token:
            return response
        _ = response.content  # Read to the end, so that the connection can be used again.
        response.close()
        again = _authorized(request, another).copy()
        repeated: requests.Response = response.connection.send(again, **options)
        repeated.history.append(response)
        repeated.request = again
        return repeated


def _authorized(request: requests.PreparedRequest, token: Token) -> requests.PreparedRequest:
    request.headers["Authorization"] = f"Bearer {token.access_token}"
    return request


def _challenges(response: requests.Response) -> list[str]:
    """Each `WWW-Authenticate` header; requests itself joins them."""
    headers: Any = getattr(response.raw, "headers", None)
    if hasattr(headers, "getlist"):
        return list(headers.getlist("WWW-Authenticate"))
    return [response.headers.get("WWW-Authenticate", "")]  # An adapter of another library.


def _target(response: requests.Response) -> str:
    return urljoin(response.url, response.headers["Location"])
