"""Its views: two of each kind."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from stytch_m2m import ANY_ORGANIZATION, OrganizationFrom, TokenClaims
from stytch_m2m.django import m2m_exempt, m2m_required
from stytch_m2m.rest_framework import HasOrganization, HasRequiredScopes, M2MAuthentication


def shown(request: HttpRequest) -> HttpResponse:
    claims = getattr(request, "m2m_claims", None)
    return JsonResponse(
        {"client_id": claims and claims.client_id, "scopes": claims and claims.scopes}
    )


@m2m_required(required_scopes=["read:users"])
def users(request: HttpRequest) -> HttpResponse:
    return shown(request)


@m2m_required(required_scopes=["read:users"])
async def async_users(request: HttpRequest) -> HttpResponse:
    return shown(request)


def may_write(claims: TokenClaims, required_scopes: Sequence[str]) -> bool:
    return "write:users" in claims.scopes and list(required_scopes) == ["read:users"]


async def amay_write(claims: TokenClaims, required_scopes: Sequence[str]) -> bool:
    return may_write(claims, required_scopes)


@m2m_required(required_scopes=["read:users"], authorize=may_write)
def own_rule(request: HttpRequest) -> HttpResponse:
    return shown(request)


@m2m_required(required_scopes=["read:users"], authorize=amay_write)
async def async_own_rule(request: HttpRequest) -> HttpResponse:
    return shown(request)


def plain(request: HttpRequest) -> HttpResponse:
    return shown(request)


async def async_plain(request: HttpRequest) -> HttpResponse:
    return shown(request)


@m2m_exempt
def health(request: HttpRequest) -> HttpResponse:
    return shown(request)


class Me(APIView):
    authentication_classes = (M2MAuthentication,)
    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> Response:
        return Response({"client_id": str(request.user), "scopes": request.auth.scopes})


class Users(Me):
    permission_classes = (HasRequiredScopes,)
    required_scopes = ("read:users",)


class MayWrite(HasRequiredScopes):
    def authorize(self, claims: TokenClaims, required_scopes: list[str]) -> bool:
        return may_write(claims, required_scopes)


class OwnRule(Users):
    permission_classes = (MayWrite,)


class Open(APIView):
    authentication_classes = (M2MAuthentication,)

    def get(self, request: Request) -> Response:
        return Response({"client_id": request.auth and request.auth.client_id})


class Forgotten(Me):
    permission_classes = (HasRequiredScopes,)


PATH = OrganizationFrom.path("tenant")
HEADER = OrganizationFrom.header("X-Tenant")


def by_query(request: HttpRequest) -> str | None:
    return request.GET.get("tenant")


async def aby_query(request: HttpRequest) -> str | None:
    return by_query(request)


def guarded(organization: object) -> object:
    @m2m_required(required_scopes=["read:users"], organization=organization)  # type: ignore[arg-type]
    def view(request: HttpRequest, **_: object) -> HttpResponse:
        return JsonResponse(request.m2m_claims.organization, safe=False)  # type: ignore[attr-defined]

    return view


def aguarded(organization: object) -> object:
    @m2m_required(required_scopes=["read:users"], organization=organization)  # type: ignore[arg-type]
    async def view(request: HttpRequest, **_: object) -> HttpResponse:
        return JsonResponse(request.m2m_claims.organization, safe=False)  # type: ignore[attr-defined]

    return view


class OfOrganization(Me):
    permission_classes = (HasOrganization, HasRequiredScopes)
    required_scopes = ("read:users",)

    def get(self, request: Request, **_: object) -> Response:
        return Response(request.auth.organization)


class OfPath(OfOrganization):
    organization = PATH


class OfHeader(OfOrganization):
    organization = HEADER


class OfQuery(OfOrganization):
    def organization(self, request: Request) -> str | None:
        return by_query(request)


class OfAny(OfOrganization):
    organization = ANY_ORGANIZATION


class OfAcme(OfOrganization):
    organization = "acme"


class OfNone(OfOrganization):
    organization = None


def organizations() -> list[URLPattern]:
    """Views of each kind, each of which asks for the organization in another way."""
    asked: dict[str, object] = {
        "path/<tenant>": PATH,
        "number/<int:tenant>": PATH,
        "header": HEADER,
    }
    asked |= {"no-path": PATH, "any": ANY_ORGANIZATION, "acme": "acme"}
    views = {"path/<tenant>": OfPath, "number/<int:tenant>": OfPath, "header": OfHeader}
    views |= {"no-path": OfPath, "any": OfAny, "acme": OfAcme, "query": OfQuery}
    views |= {"forgotten": OfOrganization, "none": OfNone}
    return [
        *(path(f"of/sync/{at}", guarded(of)) for at, of in {**asked, "query": by_query}.items()),  # type: ignore[call-overload]
        *(path(f"of/async/{at}", aguarded(of)) for at, of in {**asked, "query": aby_query}.items()),  # type: ignore[call-overload]
        *(path(f"of/drf/{at}", m2m_exempt(view.as_view())) for at, view in views.items()),
    ]


urlpatterns = [
    *organizations(),
    path("users", users),
    path("own-rule", own_rule),
    path("async-own-rule", async_own_rule),
    path("drf/own-rule", m2m_exempt(OwnRule.as_view())),
    path("async-users", async_users),
    path("plain", plain),
    path("async-plain", async_plain),
    path("health", health),
    path("drf/me", m2m_exempt(Me.as_view())),
    path("drf/users", m2m_exempt(Users.as_view())),
    path("drf/open", m2m_exempt(Open.as_view())),
    path("drf/forgotten", m2m_exempt(Forgotten.as_view())),
    path("posted", csrf_exempt(plain)),
]
