"""Its views: two of each kind."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from stytch_m2m import TokenClaims
from stytch_m2m.django import m2m_exempt, m2m_required
from stytch_m2m.rest_framework import HasRequiredScopes, M2MAuthentication


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


urlpatterns = [
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
