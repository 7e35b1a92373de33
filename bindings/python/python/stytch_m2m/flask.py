"""Protection for Flask's views.

authenticated = M2MAuth(TokenVerifier())

@app.get("/users")
@authenticated(required_scopes=["read:users"])
def users() -> list[str]:
    return [current_claims.client_id]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVar, cast

from ._extra import Extra

with Extra("flask"):
    from flask import Request, current_app, g, request
    from werkzeug.exceptions import default_exceptions
    from werkzeug.local import LocalProxy

from ._async_client import AsyncVerifierMixin
from ._bearer import token_from_authorization_headers
from ._errors import StytchM2MError
from ._guard import check_verifier, refusal_of, scope_list
from ._models import TokenClaims
from ._required_organization import (
    UNCHECKED,
    AnyOrganization,
    OrganizationFrom,
    check_guard,
    find,
    found,
)

if TYPE_CHECKING:
    from ._types import Authorize

__all__ = ["M2MAuth", "current_claims"]

View = TypeVar("View", bound=Callable[..., Any])

current_claims: TokenClaims = cast("TokenClaims", LocalProxy(lambda: g.m2m_claims))
"""The claims of the token of the request that is being served. Also `flask.g.m2m_claims`."""


class Verifier(Protocol):
    """A `TokenVerifier`, or a `Client`'s `m2m`."""

    def authenticate_token(
        self,
        *,
        access_token: str,
        required_scopes: Sequence[str],
        organization: str | AnyOrganization,
        max_token_age_seconds: int | None,
        clock_tolerance_seconds: int,
        authorize: Authorize | None,
    ) -> TokenClaims:
        """As `TokenVerifier.authenticate_token`."""


class M2MAuth:
    """A decorator for views that serves requests with a good token, as RFC 6750 asks.

    Any other is aborted: with 401 without a token or with a bad one, with 403 where a scope is
    lacking, and with 503 while the keys cannot be had. The application's own error handlers apply.
    `authorize` replaces the comparison of scopes, as in `authenticate_token`.

    `organization` is the one that the token must belong to: an id, `ANY_ORGANIZATION`, where it is
    in the request (`OrganizationFrom`), or a function of the request. A token of another
    organization, or of none, is answered with 403.
    """

    def __init__(
        self,
        verifier: Verifier,
        *,
        organization: str
        | AnyOrganization
        | OrganizationFrom
        | Callable[[Request], object] = UNCHECKED,
        max_token_age_seconds: int | None = None,
        clock_tolerance_seconds: int = 0,
        authorize: Authorize | None = None,
    ) -> None:
        check_verifier(verifier, AsyncVerifierMixin, "a TokenVerifier or a Client's m2m")
        check_guard(organization)
        self._verifier = verifier
        self._organization = organization
        self._options = (max_token_age_seconds, clock_tolerance_seconds)
        self._authorize = authorize

    def __call__(self, *, required_scopes: Sequence[str] = ()) -> Callable[[View], View]:
        """Protects a view, below its route, be it a coroutine function or not."""
        scopes = scope_list(required_scopes)

        def decorate(view: View) -> View:
            @wraps(view)
            def protected(*args: Any, **kwargs: Any) -> Any:
                g.m2m_claims = self.authenticate(required_scopes=scopes)
                return current_app.ensure_sync(view)(*args, **kwargs)

            return cast("View", protected)

        return decorate

    def authenticate(self, *, required_scopes: Sequence[str] = ()) -> TokenClaims:
        """The claims of the current request's token, for where a decorator does not reach."""
        scopes = scope_list(required_scopes)
        organization = find(
            self._organization, request, request.view_args or {}, request.headers.getlist
        )
        max_age, tolerance = self._options
        try:
            return self._verifier.authenticate_token(
                access_token=token_from_authorization_headers(
                    request.headers.getlist("Authorization")
                ),
                required_scopes=scopes,
                organization=found(organization),
                max_token_age_seconds=max_age,
                clock_tolerance_seconds=tolerance,
                authorize=self._authorize,
            )
        except StytchM2MError as error:
            _refuse(error)


def _refuse(error: StytchM2MError) -> NoReturn:
    refusal = refusal_of(error)
    response = current_app.response_class(refusal.body, refusal.status, refusal.headers)
    raise default_exceptions[refusal.status](response=response) from error
