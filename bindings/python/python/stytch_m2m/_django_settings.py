"""The verifiers of a Django project, by its setting `STYTCH_M2M`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.http import HttpRequest

from ._async_client import AsyncTokenVerifier
from ._client import TokenVerifier, token_from_authorization_header
from ._models import TokenClaims

OPTIONS = ("max_token_age_seconds", "clock_tolerance_seconds")


def _setting() -> dict[str, Any]:
    return getattr(settings, "STYTCH_M2M", {})


@lru_cache(maxsize=1)
def _verifier() -> TokenVerifier:
    return TokenVerifier(**{k: v for k, v in _setting().items() if k not in OPTIONS})


@lru_cache(maxsize=1)
def _async_verifier() -> AsyncTokenVerifier:
    return AsyncTokenVerifier(**{k: v for k, v in _setting().items() if k not in OPTIONS})


def _arguments(request: HttpRequest, required_scopes: tuple[str, ...]) -> dict[str, Any]:
    options = {k: v for k, v in _setting().items() if k in OPTIONS}
    token = token_from_authorization_header(request.headers.get("Authorization"))
    return {"access_token": token, "required_scopes": required_scopes, **options}


def authenticate(request: HttpRequest, required_scopes: tuple[str, ...] = ()) -> TokenClaims:
    """The claims of the request's token."""
    return _verifier().authenticate_token(**_arguments(request, required_scopes))


async def aauthenticate(request: HttpRequest, required_scopes: tuple[str, ...] = ()) -> TokenClaims:
    """The claims of the request's token, without blocking the event loop."""
    return await _async_verifier().authenticate_token(**_arguments(request, required_scopes))


def _forget(*, setting: str, **_: object) -> None:
    if setting == "STYTCH_M2M":
        _verifier.cache_clear()
        _async_verifier.cache_clear()


setting_changed.connect(_forget)
