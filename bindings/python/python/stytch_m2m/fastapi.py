"""Protection for FastAPI's routes, shown in their OpenAPI description.

authenticated = M2MAuth(AsyncTokenVerifier())

@app.get("/users")
async def users(
    claims: Annotated[TokenClaims, Security(authenticated, scopes=["read:users"])],
) -> list[str]: ...
"""

from __future__ import annotations

from typing import Protocol

from fastapi import HTTPException, Request
from fastapi.security import HTTPBearer, SecurityScopes

from ._bearer import REFUSALS, refusal_headers
from ._client import token_from_authorization_header
from ._models import TokenClaims

__all__ = ["M2MAuth"]


class Verifier(Protocol):
    """An `AsyncTokenVerifier`, or an `AsyncClient`'s `m2m`."""

    async def authenticate_token(
        self,
        *,
        access_token: str,
        required_scopes: list[str],
        max_token_age_seconds: int | None,
        clock_tolerance_seconds: int,
    ) -> TokenClaims:
        """As `AsyncTokenVerifier.authenticate_token`."""


class M2MAuth(HTTPBearer):
    """A dependency that gives the claims of the request's token, or answers as RFC 6750 asks.

    The answer is 401 without a token or with a bad one, 403 where a scope is lacking, and 503 while
    the keys cannot be had. Name the scopes with `Security(authenticated, scopes=[...])`.
    """

    def __init__(
        self,
        verifier: Verifier,
        *,
        max_token_age_seconds: int | None = None,
        clock_tolerance_seconds: int = 0,
        scheme_name: str = "M2M",
        description: str = "An M2M access token",
    ) -> None:
        super().__init__(
            bearerFormat="JWT", scheme_name=scheme_name, description=description, auto_error=False
        )
        self._verifier = verifier
        self._options = (max_token_age_seconds, clock_tolerance_seconds)

    async def __call__(  # type: ignore[override]
        self, request: Request, security_scopes: SecurityScopes
    ) -> TokenClaims:
        """Called by FastAPI."""
        authorization = request.headers.get("Authorization")
        max_age, tolerance = self._options
        try:
            return await self._verifier.authenticate_token(
                access_token=token_from_authorization_header(authorization),
                required_scopes=security_scopes.scopes,
                max_token_age_seconds=max_age,
                clock_tolerance_seconds=tolerance,
            )
        except REFUSALS as error:
            headers = refusal_headers(error)
            raise HTTPException(error.http_status, error.message, headers) from error
