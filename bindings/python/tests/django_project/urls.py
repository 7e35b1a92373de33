"""Its views: two of each kind."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
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


class Open(APIView):
    authentication_classes = (M2MAuthentication,)

    def get(self, request: Request) -> Response:
        return Response({"client_id": request.auth and request.auth.client_id})


class Forgotten(Me):
    permission_classes = (HasRequiredScopes,)


urlpatterns = [
    path("users", users),
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
