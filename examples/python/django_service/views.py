"""A view of Django's own."""

from django.http import HttpRequest, JsonResponse
from stytch_m2m import TokenClaims
from stytch_m2m.django import m2m_required


class M2MRequest(HttpRequest):
    m2m_claims: TokenClaims


@m2m_required(required_scopes=["read:orders"])
def orders(request: M2MRequest) -> JsonResponse:
    return JsonResponse({"orders": [1, 2, 3], "for": request.m2m_claims.client_id})
