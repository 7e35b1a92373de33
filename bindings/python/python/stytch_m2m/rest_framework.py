"""Authentication for Django REST framework.

class Users(APIView):
    authentication_classes = [M2MAuthentication]
    permission_classes = [HasRequiredScopes]
    required_scopes = ["read:users"]

Its settings are those of `stytch_m2m.django`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import ImproperlyConfigured
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from . import _core
from ._django_settings import authenticate
from ._errors import InvalidTokenError, KeysUnavailableError
from ._models import TokenClaims

__all__ = ["HasRequiredScopes", "M2MAuthentication", "M2MCaller"]


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
        except InvalidTokenError as error:
            if error.reason == "missing":
                return None
            cast("Any", request)._request.m2m_challenge = error.www_authenticate
            raise AuthenticationFailed(error.message, code=error.reason) from error
        except KeysUnavailableError as error:
            raise KeysUnavailable(error) from error
        return M2MCaller(claims.client_id), claims

    def authenticate_header(self, request: Request) -> str:
        """Called by the framework, for the answer 401."""
        return getattr(request._request, "m2m_challenge", "Bearer")


class KeysUnavailable(APIException):
    """The key set could not be had."""

    status_code = 503
    default_code = "keys_unavailable"

    def __init__(self, error: KeysUnavailableError) -> None:
        super().__init__(error.message)
        self.wait: float | None = error.retry_after_seconds


class HasRequiredScopes(BasePermission):
    """Asks that the token grants all of the view's `required_scopes`, which it must have.

    The answer is 403 where one is lacking, and 401 to a request without a token.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Called by the framework."""
        required = getattr(view, "required_scopes", None)
        if required is None or isinstance(required, str):
            raise ImproperlyConfigured(f"{type(view).__name__}.required_scopes must be a list")
        if not isinstance(request.auth, TokenClaims):
            return False
        missing = [scope for scope in required if scope not in request.auth.scopes]
        if missing:
            error = _core.insufficient_scope(missing)
            refused: Any = PermissionDenied(error.message, code=error.code)
            refused.auth_header = error.www_authenticate
            raise refused
        return True
