"""The verifiers of a Django project, by its setting `STYTCH_M2M`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ._extra import Extra

with Extra("django"):
    from django.conf import settings
    from django.core.signals import setting_changed
    from django.http import HttpRequest

from ._async_client import AsyncTokenVerifier
from ._bearer import token_from_authorization_headers
from ._client import TokenVerifier
from ._models import TokenClaims
from ._required_organization import UNCHECKED, find, found

if TYPE_CHECKING:
    from ._types import AsyncAuthorize, Authorize

AUTHORIZATION = "HTTP_AUTHORIZATION"
OPTIONS = ("max_token_age_seconds", "clock_tolerance_seconds")


def _setting() -> dict[str, Any]:
    """What is empty, as an environment variable may be, is not set."""
    return {k: v for k, v in getattr(settings, "STYTCH_M2M", {}).items() if v != ""}


@lru_cache(maxsize=1)
def _verifier() -> TokenVerifier:
    return TokenVerifier(**{k: v for k, v in _setting().items() if k not in OPTIONS})


@lru_cache(maxsize=1)
def _async_verifier() -> AsyncTokenVerifier:
    return AsyncTokenVerifier(**{k: v for k, v in _setting().items() if k not in OPTIONS})


def _arguments(
    request: HttpRequest, required_scopes: tuple[str, ...], authorize: object, organization: object
) -> dict[str, Any]:
    # Django joins several headers with commas, which no token has.
    names = [AUTHORIZATION] if AUTHORIZATION in request.META else []
    return {
        **{k: v for k, v in _setting().items() if k in OPTIONS},
        "access_token": token_from_authorization_headers([request.META[name] for name in names]),
        "required_scopes": required_scopes,
        "organization": found(organization),
        "authorize": authorize,
    }


def authenticate(
    request: HttpRequest,
    required_scopes: tuple[str, ...] = (),
    authorize: Authorize | None = None,
    organization: object = UNCHECKED,
) -> TokenClaims:
    """The claims of the request's token."""
    return _verifier().authenticate_token(
        **_arguments(request, required_scopes, authorize, organization)  # No frame keeps the token.
    )


async def aauthenticate(
    request: HttpRequest,
    required_scopes: tuple[str, ...] = (),
    authorize: AsyncAuthorize | None = None,
    organization: object = UNCHECKED,
) -> TokenClaims:
    """The claims of the request's token, without blocking the event loop."""
    return await _async_verifier().authenticate_token(
        **_arguments(request, required_scopes, authorize, organization)
    )


def organization_of(organization: object, request: Any, path: dict[str, Any]) -> Any:
    """The organization that the request's token must belong to. Django joins several headers of a
    name with commas; a function's answer may still have to be awaited."""

    def headers(name: str) -> list[str]:
        return [request.headers[name]] if name in request.headers else []

    return find(organization, request, path, headers)


def _forget(*, setting: str, **_: object) -> None:
    if setting == "STYTCH_M2M":
        _verifier.cache_clear()
        _async_verifier.cache_clear()


setting_changed.connect(_forget)
