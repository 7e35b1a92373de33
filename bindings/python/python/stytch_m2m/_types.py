"""The API's words, and the shapes of arguments. Imported when asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Literal, TypedDict, Union

if TYPE_CHECKING:
    from ._issuer import IssuerConfig
    from ._models import TokenClaims
    from ._secret import SecretSource

ClientStatus = Literal["active", "inactive", "unknown"]
"""Whether a client may fetch tokens; `unknown` where the server says something that this version
does not know, which cannot be set."""

ClientAuth = Literal[
    "client_secret_post", "client_secret_basic", "private_key_jwt", "tls_client_auth", "none"
]
"""How a client authenticates at the token endpoint: the registered values of
`token_endpoint_auth_method`."""

Secret = Union[str, "SecretSource", Callable[[], str | Awaitable[str]]]
"""A secret: itself, where it comes from, or a function, asynchronous or not, that returns it."""

Vertical = Literal["consumer", "b2b"]
"""Stytch's product lines: Consumer Authentication, B2B SaaS Authentication."""

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
"""How tokens are signed (RFC 7518, RFC 8037)."""

TokenProfile = Literal["stytch", "auth0", "oauth"]
"""How an issuer's claims name the client, and what else it does in a way of its own."""

KeySetState = Literal["fresh", "stale", "expired", "missing"]
"""The state of a key set.

- `fresh`: within the lifetime that its server gave it, or configured and not fetched at all.
- `stale`: beyond it, but still used: its server does not answer.
- `expired`: beyond `max_key_age_seconds`: no token can be judged.
- `missing`: not fetched yet: the first token will wait for it.
"""

InvalidTokenReason = Literal[
    "missing",
    "malformed",
    "algorithm_not_allowed",
    "header_unsupported",
    "key_not_found",
    "key_ambiguous",
    "key_unusable",
    "signature_invalid",
    "expired",
    "not_yet_valid",
    "too_old",
    "claim_missing",
    "claim_invalid",
    "wrong_token_kind",
    "wrong_organization",
]
"""Why a token is refused. `missing` is a request without a token. `wrong_organization` is the
reason of an `InsufficientScopeError`: the token is valid, but belongs to another organization than
the required one, or to none."""

SearchOperator = Literal["AND", "OR"]
"""Whether all filters of a query must hold, or one."""

Authorize = Callable[["TokenClaims", Sequence[str]], bool]
"""A replacement for the scope comparison, called with the claims and the required scopes."""

AsyncAuthorize = Callable[["TokenClaims", Sequence[str]], "bool | Awaitable[bool]"]
"""As `Authorize`; it may be a coroutine function."""


ResolveIssuer = Callable[[str], "IssuerConfig | Awaitable[IssuerConfig | None] | None"]
"""Decides about the `iss` of a token; see `IssuerResolver`. It may be a coroutine function."""

AcceptTenant = Callable[[str], "bool | Awaitable[bool]"]
"""Whether tokens of a tenant are accepted, by its id. It may be a coroutine function."""


class SearchFilter(TypedDict):
    """A condition on clients: the field has one of these values (exactly)."""

    filter_name: Literal["client_id", "client_name", "scopes"]
    """The field."""
    filter_value: list[str]
    """The values, of which one must match."""


class _SearchOperator(TypedDict, total=False):
    operator: SearchOperator
    """Whether all filters must hold or one. Default: `AND`."""


class SearchQuery(_SearchOperator):
    """Filters, of which all must hold (`AND`, the default) or one (`OR`)."""

    operands: list[SearchFilter]
    """The filters."""


class TransportSettings(TypedDict, total=False):
    """How requests are sent: further keyword arguments of each class that sends some."""

    connect_timeout_seconds: float | None
    """Maximum time to establish a connection, TLS included. Default: 3."""
    attempt_timeout_seconds: float | None
    """Until one attempt has its whole answer. Default: 10. Key sets are given 3 at the most."""
    total_timeout_seconds: float | None
    """Maximum time of a call, with all its attempts. Default: 30. Key sets are given 5 at the
    most."""
    extra_ca_pem: str | None
    """PEM certificates of additional certificate authorities to trust."""
    bundled_roots: bool | None
    """Trust Mozilla's root certificates, built in, instead of the platform's: for containers that
    have none."""
    client_certificate_pem: Secret | None
    """PEM certificate chain and private key of the client, for servers that require mutual TLS."""
    proxy: str | None
    """The way out: `environment` (the default: as `HTTPS_PROXY` and the like say), `off`, or an
    `http://` or `https://` URL."""
    max_key_age_seconds: float | None
    """How old a key set may grow while its server is down. Default: 6 hours, at most 24; 0 allows
    nothing beyond the lifetime that the server gave it."""
