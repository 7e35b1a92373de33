"""Machine-to-machine authentication on Stytch: fetch, cache and verify access tokens, manage
M2M clients.

- `Client` and `AsyncClient` (`B2BClient`, `AsyncB2BClient`): a project's whole M2M API.
- `TokenSource` and `AsyncTokenSource`: one credential, always supplied with a fresh token.
- `TokenVerifier` and `AsyncTokenVerifier`: verification alone, without a secret.
- `OrganizationClient` and `AsyncOrganizationClient`: the organization-scoped M2M API.

Every failure is a `StytchM2MError` with a stable `code`.
"""

from __future__ import annotations

import atexit
import os
import sys

from . import _process as _process  # Comes first: it may refuse.

# isort: split
from . import _native
from ._async_client import (
    AsyncB2BClient,
    AsyncClient,
    AsyncClients,
    AsyncM2M,
    AsyncSecrets,
    AsyncTokenSource,
    AsyncTokenVerifier,
)
from ._bearer import (
    refuses_token,
    token_from_authorization_header,
    token_from_authorization_headers,
)
from ._client import (
    M2M,
    B2BClient,
    Client,
    Clients,
    Secrets,
    TokenSource,
    TokenVerifier,
)
from ._errors import (
    AuthenticationError,
    ConflictError,
    InsufficientScopeError,
    InvalidConfigError,
    InvalidRequestError,
    InvalidTokenError,
    KeysUnavailableError,
    NetworkError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitedError,
    RequestCancelledError,
    RequestTimeoutError,
    ServiceError,
    StytchM2MError,
    UnexpectedResponseError,
)
from ._organization import AsyncOrganizationClient, OrganizationClient
from ._required_organization import ANY_ORGANIZATION, AnyOrganization, OrganizationFrom
from ._secret import SecretSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._issuer import IssuerConfig, IssuerResolver
    from ._models import (
        CacheStats,
        ClientResponse,
        ClientStats,
        CreateResponse,
        DeleteResponse,
        ExportedKeySet,
        KeySetHealth,
        M2MClient,
        M2MClientWithClientSecret,
        M2MClientWithNextClientSecret,
        ProtectedResource,
        Refusal,
        ResultsMetadata,
        RotateStartResponse,
        SearchResponse,
        Token,
        TokenClaims,
    )
    from ._types import (
        Algorithm,
        AsyncAuthorize,
        Authorize,
        ClientAuth,
        ClientStatus,
        InvalidTokenReason,
        KeySetState,
        SearchFilter,
        SearchOperator,
        SearchQuery,
        Secret,
        TokenProfile,
        TransportSettings,
        Vertical,
    )

__all__ = [
    "ANY_ORGANIZATION",
    "M2M",
    "Algorithm",
    "AnyOrganization",
    "AsyncAuthorize",
    "AsyncB2BClient",
    "AsyncClient",
    "AsyncClients",
    "AsyncM2M",
    "AsyncOrganizationClient",
    "AsyncSecrets",
    "AsyncTokenSource",
    "AsyncTokenVerifier",
    "AuthenticationError",
    "Authorize",
    "B2BClient",
    "CacheStats",
    "Client",
    "ClientAuth",
    "ClientResponse",
    "ClientStats",
    "ClientStatus",
    "Clients",
    "ConflictError",
    "CreateResponse",
    "DeleteResponse",
    "ExportedKeySet",
    "InsufficientScopeError",
    "InvalidConfigError",
    "InvalidRequestError",
    "InvalidTokenError",
    "InvalidTokenReason",
    "IssuerConfig",
    "IssuerResolver",
    "KeySetHealth",
    "KeySetState",
    "KeysUnavailableError",
    "M2MClient",
    "M2MClientWithClientSecret",
    "M2MClientWithNextClientSecret",
    "NetworkError",
    "NotFoundError",
    "OrganizationClient",
    "OrganizationFrom",
    "OutcomeUnknownError",
    "PermissionDeniedError",
    "ProtectedResource",
    "RateLimitedError",
    "Refusal",
    "RequestCancelledError",
    "RequestTimeoutError",
    "ResultsMetadata",
    "RotateStartResponse",
    "SearchFilter",
    "SearchOperator",
    "SearchQuery",
    "SearchResponse",
    "Secret",
    "SecretSource",
    "Secrets",
    "ServiceError",
    "StytchM2MError",
    "Token",
    "TokenClaims",
    "TokenProfile",
    "TokenSource",
    "TokenVerifier",
    "TransportSettings",
    "UnexpectedResponseError",
    "Vertical",
    "__version__",
    "refuses_token",
    "token_from_authorization_header",
    "token_from_authorization_headers",
]

__version__: str = _native.__version__

# After the interpreter's exit has begun, no native thread may touch it.
atexit.register(_native.shut_down)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_native.after_fork)


_native.modules().setdefault(__name__, sys.modules[__name__])


def __getattr__(name: str) -> object:
    """What is seldom named, and takes most of the import's time, is imported when it is named."""
    if name in __all__:
        from . import _models, _types

        found = getattr(_models, name, None) or getattr(_types, name)
        return globals().setdefault(name, found)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(globals().keys() | set(__all__))
