"""Authentication for Django REST framework.

    class Users(APIView):
        authentication_classes = [M2MAuthentication]
        permission_classes = [HasRequiredScopes]
        required_scopes = ["read:users"]

Its settings are those of `stytch_m2m.django`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast

from ._extra import Extra

with Extra("djangorestframework"):
    from django.core.exceptions import ImproperlyConfigured
    from rest_framework.authentication import BaseAuthentication
    from rest_framework.exceptions import APIException, AuthenticationFailed, PermissionDenied
    from rest_framework.permissions import BasePermission
    from rest_framework.renderers import JSONRenderer
    from rest_framework.request import Request

from . import _native
from ._bearer import token_from_authorization_headers
from ._django_settings import authenticate, organization_of
from ._errors import InvalidTokenError, StytchM2MError
from ._guard import refusal_of
from ._models import TokenClaims
from ._required_organization import UNCHECKED, check_guard, found, native_organization

__all__ = ["HasOrganization", "HasRequiredScopes", "M2MAuthentication", "M2MCaller"]


@dataclass(frozen=True)
class M2MCaller:
    """The `request.user` of a request with a good token; `request.auth` are the claims."""

    pk: str
    """The M2M client's id."""
    is_authenticated = True
    """Asked for by the framework's permissions."""
    is_anonymous = False
    """Asked for by the framework's throttles and templates."""
    is_active = True
    """Asked for by the framework's permissions."""

    def __str__(self) -> str:
        return self.pk


class M2MAuthentication(BaseAuthentication):
    """Authenticates requests with a good token, and leaves those without a token to the classes
    after it, and to the permissions.

    The answer is 401 to a bad token, and 503 while the keys cannot be had.
    """

    def authenticate(self, request: Request) -> tuple[M2MCaller, TokenClaims] | None:
        """Called by the framework."""
        try:
            claims = authenticate(request)
        except StytchM2MError as error:
            if isinstance(error, InvalidTokenError) and error.reason == "missing":
                return None
            raise _refused(request, error) from error
        return M2MCaller(claims.client_id), claims

    def authenticate_header(self, request: Request) -> str:
        """Called by the framework, for the answer 401."""
        return getattr(request._request, "m2m_challenge", "Bearer")


class KeysUnavailable(APIException):
    """The key set could not be had."""

    status_code = 503
    default_code = "keys_unavailable"


ANSWERS: dict[int, type[APIException]] = {
    401: AuthenticationFailed,
    403: PermissionDenied,
    503: KeysUnavailable,
}


def _refused(request: Request, error: StytchM2MError) -> APIException:
    """What to raise, so that the framework answers as the core says."""
    refusal = refusal_of(error)
    headers = {name: value for name, value in refusal.headers.items() if name != "Content-Type"}
    challenge = headers.get("WWW-Authenticate", "Bearer")
    cast("Any", request)._request.m2m_challenge = challenge
    view = (request.parser_context or {}).get("view")
    getattr(view, "headers", {}).update(headers)
    request.accepted_renderer = JSONRenderer()
    request.accepted_media_type = JSONRenderer.media_type
    return ANSWERS[refusal.status](json.loads(refusal.body), code=error.code)


class HasRequiredScopes(BasePermission):
    """Asks that the token grants all of the view's `required_scopes`, which it must have.

    The answer is 403 without a required scope, and 401 without a token. A subclass may decide by a
    rule of its own: see `authorize`.
    """

    def authorize(self, claims: TokenClaims, required_scopes: list[str]) -> bool:
        """Whether the token is enough. By default it must grant all required scopes."""
        return not claims.missing_scopes(required_scopes)

    def has_permission(self, request: Request, view: Any) -> bool:
        """Called by the framework."""
        required = getattr(view, "required_scopes", None)
        if required is None or isinstance(required, str):
            raise ImproperlyConfigured(f"{type(view).__name__}.required_scopes must be a list")
        if isinstance(request.auth, TokenClaims):
            if self.authorize(request.auth, list(required)) is not True:
                missing = request.auth.missing_scopes(list(required))
                raise _refused(request, _native.insufficient_scope(missing))
            return True
        return _without_claims(request)


class HasOrganization(BasePermission):
    """Asks that the token belongs to the view's `organization`, which it must have: an id,
    `ANY_ORGANIZATION`, where it is in the request (`OrganizationFrom`), or a method that is given
    the request.

        class Invoices(APIView):
            authentication_classes = [M2MAuthentication]
            permission_classes = [HasOrganization, HasRequiredScopes]
            required_scopes = ["read:invoices"]
            organization = OrganizationFrom.path("tenant")

    The answer is 403 to a token of another organization, or of none, and 401 without a token.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Called by the framework."""
        organization = getattr(view, "organization", UNCHECKED)
        if organization is UNCHECKED:
            raise ImproperlyConfigured(f"{type(view).__name__}.organization must be set")
        check_guard(organization)
        expected = found(organization_of(organization, request, view.kwargs))
        if not isinstance(request.auth, TokenClaims):
            return _without_claims(request)
        required, _ = native_organization(expected)
        try:
            _native.check_organization(request.auth.organization, required)
        except StytchM2MError as error:
            raise _refused(request, error) from error
        return True


def _without_claims(request: Request) -> bool:
    """Refuses a request whose token nobody verified: without one, as the core says."""
    if request.successful_authenticator is None:
        try:
            token_from_authorization_headers([])
        except StytchM2MError as error:
            raise _refused(request, error) from error
    return False
