"""Protection for Django's views, synchronous and asynchronous: all of them, or one by one.

    MIDDLEWARE = [..., "stytch_m2m.django.M2MMiddleware"]  # all, but those that are m2m_exempt

    @m2m_required(required_scopes=["read:users"])  # one
    def users(request):
        return JsonResponse({"for": request.m2m_claims.client_id})

The setting `STYTCH_M2M` is a dictionary of the arguments of `TokenVerifier`, with
`max_token_age_seconds` and `clock_tolerance_seconds` beside them. Without it the environment says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ._extra import Extra

with Extra("django"):
    from asgiref.sync import iscoroutinefunction, markcoroutinefunction
    from django.http import HttpRequest, HttpResponse

from ._django_settings import aauthenticate, authenticate, organization_of
from ._errors import StytchM2MError
from ._guard import refusal_of, scope_list
from ._required_organization import UNCHECKED, AnyOrganization, OrganizationFrom, check_guard

if TYPE_CHECKING:
    from ._types import AsyncAuthorize, Authorize

__all__ = ["M2MMiddleware", "m2m_exempt", "m2m_required"]

View = TypeVar("View", bound=Callable[..., Any])


class M2MMiddleware:
    """Serves requests with a good token, and answers the others as RFC 6750 asks: with 401 without
    a token or with a bad one, and with 503 while the keys cannot be had.

    Views find the claims in `request.m2m_claims`. Those marked with `m2m_exempt` are left alone.
    """

    sync_capable = True
    """Read by Django."""
    async_capable = True
    """Read by Django."""

    def __init__(
        self, get_response: Callable[[HttpRequest], HttpResponse | Awaitable[HttpResponse]]
    ) -> None:
        self._get_response = get_response
        self.process_view: Callable[..., Any] = self._process_view
        """Called by Django, before each view."""
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)
            self.process_view = self._aprocess_view

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        """Called by Django."""
        return self._get_response(request)

    def _process_view(self, request: HttpRequest, view: object, *_: object) -> HttpResponse | None:
        if getattr(view, "m2m_exempt", False):
            return None
        try:
            _set_claims(request, authenticate(request))
        except StytchM2MError as error:
            return _refusal(error)
        return None

    async def _aprocess_view(
        self, request: HttpRequest, view: object, *_: object
    ) -> HttpResponse | None:
        if getattr(view, "m2m_exempt", False):
            return None
        try:
            _set_claims(request, await aauthenticate(request))
        except StytchM2MError as error:
            return _refusal(error)
        return None


def m2m_exempt(view: View) -> View:
    """Marks a view that `M2MMiddleware` leaves alone."""
    cast("Any", view).m2m_exempt = True
    return view


def m2m_required(
    *,
    required_scopes: Sequence[str] = (),
    organization: str
    | AnyOrganization
    | OrganizationFrom
    | Callable[[HttpRequest], object | Awaitable[object]] = UNCHECKED,
    authorize: AsyncAuthorize | None = None,
) -> Callable[[View], View]:
    """Protects one view, with or without `M2MMiddleware`: as that does, and with 403 where a scope
    is lacking. The view finds the claims in `request.m2m_claims`. `authorize` replaces the
    comparison of scopes, as in `authenticate_token`; only an asynchronous view awaits it.

    `organization` is the one that the token must belong to: an id, `ANY_ORGANIZATION`, where it is
    in the request (`OrganizationFrom`), or a function of the request, which only an asynchronous
    view awaits. The answer to a token of another organization, or of none, is 403.

    It needs no CSRF token: no browser sends a bearer token by itself.
    """
    scopes = scope_list(required_scopes)
    check_guard(organization)

    def decorate(view: View) -> View:
        @wraps(view)
        def protected(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            expected = organization_of(organization, request, kwargs)
            rule = cast("Authorize | None", authorize)
            try:
                _set_claims(request, authenticate(request, scopes, rule, expected))
            except StytchM2MError as error:
                return _refusal(error)
            return view(request, *args, **kwargs)

        @wraps(view)
        async def aprotected(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            expected = organization_of(organization, request, kwargs)
            if isawaitable(expected):
                expected = await expected
            try:
                _set_claims(request, await aauthenticate(request, scopes, authorize, expected))
            except StytchM2MError as error:
                return _refusal(error)
            return await view(request, *args, **kwargs)

        chosen: Any = aprotected if iscoroutinefunction(view) else protected
        chosen.csrf_exempt = True
        chosen.m2m_exempt = True  # It sees to itself.
        return cast("View", chosen)

    return decorate


def _set_claims(request: HttpRequest, claims: object) -> None:
    cast("Any", request).m2m_claims = claims


def _refusal(error: StytchM2MError) -> HttpResponse:
    refusal = refusal_of(error)
    return HttpResponse(refusal.body, status=refusal.status, headers=refusal.headers)
