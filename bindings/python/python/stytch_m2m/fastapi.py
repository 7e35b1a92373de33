"""Protection for FastAPI's routes, shown in their OpenAPI description.

authenticated = M2MAuth(AsyncTokenVerifier())

@app.get("/users")
async def users(
    claims: Annotated[TokenClaims, Security(authenticated, scopes=["read:users"])],
) -> list[str]: ...
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import TYPE_CHECKING, Protocol

from ._extra import Extra

with Extra("fastapi"):
    from fastapi import HTTPException, Response, WebSocket, status
    from fastapi.exception_handlers import http_exception_handler
    from fastapi.security import HTTPBearer, SecurityScopes
    from starlette.exceptions import HTTPException as AnyHTTPException
    from starlette.requests import HTTPConnection

from ._bearer import token_from_authorization_headers
from ._client import VerifierMixin
from ._errors import StytchM2MError
from ._guard import check_verifier, refusal_of
from ._models import Refusal, TokenClaims
from ._required_organization import (
    UNCHECKED,
    AnyOrganization,
    OrganizationFrom,
    check_guard,
    find,
    found,
)

if TYPE_CHECKING:
    from ._types import AsyncAuthorize

__all__ = ["M2MAuth"]


class Verifier(Protocol):
    """An `AsyncTokenVerifier`, or an `AsyncClient`'s `m2m`."""

    async def authenticate_token(
        self,
        *,
        access_token: str,
        required_scopes: list[str],
        organization: str | AnyOrganization,
        max_token_age_seconds: int | None,
        clock_tolerance_seconds: int,
        authorize: AsyncAuthorize | None,
    ) -> TokenClaims:
        """As `AsyncTokenVerifier.authenticate_token`."""


class M2MAuth(HTTPBearer):
    """A dependency that gives the claims of the request's token, or answers as RFC 6750 asks.

    The answer is 401 without a valid token, 403 without a required scope, and 503 while
    the keys cannot be had. Name the scopes with `Security(authenticated, scopes=[...])`.
    `authorize` replaces their comparison, as in `authenticate_token`.

    `organization` is the one that the token must belong to: an id, `ANY_ORGANIZATION`, where it is
    in the request (`OrganizationFrom`), or a function of the connection, asynchronous or not. The
    answer to a token of another organization, or of none, is 403.

    A WebSocket is guarded alike: it is answered so before it opens, or closed with 1008 where the
    server can only close it. An application's own handler for `HTTPException` applies.
    """

    def __init__(
        self,
        verifier: Verifier,
        *,
        organization: str
        | AnyOrganization
        | OrganizationFrom
        | Callable[[HTTPConnection], object | Awaitable[object]] = UNCHECKED,
        max_token_age_seconds: int | None = None,
        clock_tolerance_seconds: int = 0,
        authorize: AsyncAuthorize | None = None,
        scheme_name: str = "M2M",
        description: str = "An M2M access token",
    ) -> None:
        check_verifier(verifier, VerifierMixin, "an AsyncTokenVerifier or an AsyncClient's m2m")
        check_guard(organization)
        super().__init__(
            bearerFormat="JWT", scheme_name=scheme_name, description=description, auto_error=False
        )
        self._verifier = verifier
        self._options = (max_token_age_seconds, clock_tolerance_seconds)
        self._authorize = authorize
        self._organization = organization

    async def __call__(  # type: ignore[override]
        self, connection: HTTPConnection, security_scopes: SecurityScopes
    ) -> TokenClaims:
        """Called by FastAPI."""
        scopes = security_scopes.scopes
        if ":" in scopes and all(len(scope) == 1 for scope in scopes):
            raise TypeError('scopes must be a list such as ["read:users"], not one string')
        organization = find(
            self._organization, connection, connection.path_params, connection.headers.getlist
        )
        if isawaitable(organization):
            organization = await organization
        max_age, tolerance = self._options
        try:
            return await self._verifier.authenticate_token(
                access_token=token_from_authorization_headers(
                    connection.headers.getlist("Authorization")
                ),
                required_scopes=scopes,
                organization=found(organization),
                max_token_age_seconds=max_age,
                clock_tolerance_seconds=tolerance,
                authorize=self._authorize,
            )
        except StytchM2MError as error:
            refused = Refused(refusal_of(error), error.code)
            refused.register(connection)
            raise refused from error


class Refused(HTTPException):
    """A refusal, which is the answer."""

    def __init__(self, refusal: Refusal, code: str) -> None:
        super().__init__(refusal.status, code, refusal.headers)
        self.refusal = refusal

    def register(self, connection: HTTPConnection) -> None:
        """Names the handler of this class to Starlette, unless the application has one of its own
        for all of its kind: FastAPI's would wrap the body."""
        handlers, _ = connection.scope.get("starlette.exception_handlers", ({}, {}))
        wraps_body = handlers.get(AnyHTTPException) is http_exception_handler
        if wraps_body and HTTPException not in handlers:
            handlers.setdefault(Refused, _respond)


async def _respond(connection: HTTPConnection, refused: Refused) -> Response | None:
    can_respond = "websocket.http.response" in connection.scope.get("extensions", {})
    if isinstance(connection, WebSocket) and not can_respond:
        await connection.close(status.WS_1008_POLICY_VIOLATION, refused.detail)
        return None
    refusal = refused.refusal
    return Response(refusal.body, refusal.status, refusal.headers)
