"""A view of Django REST framework."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from stytch_m2m.rest_framework import HasRequiredScopes, M2MAuthentication


class Orders(APIView):
    authentication_classes = (M2MAuthentication,)
    permission_classes = (HasRequiredScopes,)
    required_scopes = ("read:orders",)

    def get(self, request: Request) -> Response:
        return Response({"orders": [1, 2, 3], "for": str(request.user)})
