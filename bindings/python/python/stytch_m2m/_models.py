"""The API's records, under the API's names. All are frozen. A secret is a plain `str` there, which
`dataclasses.asdict`, `copy` and `pickle` keep; a `repr` shows it as `<hidden>`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import _native
from ._asyncio import run
from ._base import complete
from ._issuer import IssuerConfig as IssuerConfig
from ._issuer import IssuerResolver as IssuerResolver
from ._process import register
from ._types import ClientStatus, KeySetState

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._types import TransportSettings


class WithSecret:
    """A record one of whose fields is secret: those that are declared with `repr=False`."""

    def __repr__(self) -> str:
        shown = (
            f"{field.name}={getattr(self, field.name)!r}"
            if field.repr
            else f"{field.name}=<hidden>"
            for field in fields(self)  # type: ignore[arg-type]
        )
        return f"{type(self).__qualname__}({', '.join(shown)})"


@dataclass(frozen=True, kw_only=True, repr=False)
class Token(WithSecret):
    """An access token."""

    access_token: str = field(repr=False)
    """The access token."""
    token_type: str
    """`bearer`, in the server's spelling."""
    expires_in: int
    """Seconds until it expires, counted from when it was handed out."""
    expires_at: datetime
    """When the token expires."""
    granted_scopes: list[str] | None
    """The granted scopes, if the server returns them (RFC 6749, section 5.1)."""
    request_id: str | None
    """The server's id of the request that fetched the token."""
    status_code: int
    """The HTTP status of that request."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """How a service answers a request whose token is refused (RFC 6750)."""

    status: int
    """401, 403 or 503."""
    headers: dict[str, str]
    """The response's headers."""
    body: str
    """JSON with the error's code only."""


@dataclass(frozen=True, kw_only=True)
class TokenClaims(_native.Claims):
    """The claims of a verified access token. Its fields become Python values when they are read."""

    __slots__ = ()

    client_id: str
    """The M2M client: `sub`, or for Auth0 `sub` without `@clients`."""
    scopes: list[str]
    """The scopes in `scope`, in the token's order."""
    custom_claims: dict[str, Any]
    """The claims that are not registered ones."""
    issuer: str
    """`iss`, exactly."""
    audience: list[str]
    """`aud`, as a list."""
    issued_at: datetime | None
    """`iat`."""
    not_before: datetime | None
    """`nbf`."""
    expires_at: datetime
    """`exp`."""
    token_id: str | None
    """`jti`."""
    wildcard_scopes: bool
    """Whether `read:*` among the scopes grants every `read:<resource>`: `IssuerConfig` says so."""
    subject: str | None
    """`sub`, unchanged: the client, or what its issuer says instead, such as the object id of an
    Entra application. `None` if the token has none; see `IssuerConfig.allow_missing_sub`."""
    organization: str | None = None
    """The organization that the client belongs to, from the claim that
    `IssuerConfig.organization_claim` names. `None` if the token has none."""

    def missing_scopes(self, required: Sequence[str]) -> list[str]:
        """The scopes of `required` that the token does not grant, in their order."""
        return _native.missing_scopes(self.scopes, self.wildcard_scopes, required)

    def __getstate__(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)


# Set after the decorator, which would take descriptors for defaults. They make each value when it
# is first read: to make all of them costs some 2 us a token, and most are never read.
for _field in fields(TokenClaims):
    setattr(TokenClaims, _field.name, _native.Field(_field.name))


@dataclass(frozen=True, kw_only=True)
class CacheStats:
    """What a cache did since it was made. The numbers only grow."""

    hits: int
    """Calls answered from the cache."""
    misses: int
    """Calls that waited for a request, or failed because no request was allowed."""
    refreshes: int
    """Requests that succeeded, in the background or not."""
    failures: int
    """Requests that failed."""
    stale_served: int
    """Calls answered with a stale value because a refresh had failed."""
    flights_joined: int
    """Calls that joined a request already under way."""


@dataclass(frozen=True, kw_only=True)
class ClientStats:
    """What a client's caches did."""

    tokens: CacheStats
    """The cache of access tokens."""
    keys: CacheStats
    """The cache of verification keys."""


@dataclass(frozen=True, kw_only=True)
class KeySetHealth:
    """The state of an issuer's key set."""

    issuer: str
    """The first of the issuer's names."""
    state: KeySetState
    """The state of the key set."""
    keys: int
    """Number of keys that can verify tokens."""
    skipped_keys: list[str]
    """The other keys of the key set, each with the reason why it verifies nothing."""
    fetched_at: datetime | None
    """When the key set was last got from its server."""
    age_seconds: float | None
    """Time since then."""
    failures: int
    """Consecutive failed fetches."""
    last_failure: str | None
    """The code of the last of them."""
    last_failure_message: str | None
    """The message of that error, such as the limit that a key set exceeds."""
    retry_after_seconds: float | None
    """Time until the next fetch is allowed after a failure."""
    unknown_kids: int
    """Verifications of tokens whose `kid` was not in the key set."""
    cooldown_hits: int
    """How many of these did not trigger a fetch because of the cooldown."""


@dataclass(frozen=True, kw_only=True)
class ExportedKeySet:
    """A key set to take along: `verifier.seed_jwks(**vars(exported))`."""

    issuer: str
    """The first of the issuer's names."""
    jwks: str
    """The text of the JWK Set, as its server sent it. It contains only public keys."""
    fetched_at: datetime
    """When it was fetched."""


@dataclass(frozen=True, kw_only=True)
class M2MClient:
    """An M2M client, without its secret."""

    client_id: str
    """The client's id."""
    client_name: str
    """A display name."""
    client_description: str
    """A description."""
    status: ClientStatus
    """Whether it may fetch tokens. Tokens that it already has stay valid until they expire."""
    scopes: list[str]
    """The scopes that the client can request."""
    client_secret_last_four: str
    """The last four characters of the client's secret."""
    next_client_secret_last_four: str | None
    """The last four characters of the secret that a rotation brings in; `None` without one."""
    trusted_metadata: dict[str, Any] | None
    """Your own data about the client."""
    organization_id: str | None = None
    """The organization that the client belongs to: the value of the `organization_key` in
    `trusted_metadata`, if it is a string."""


@dataclass(frozen=True, kw_only=True, repr=False)
class M2MClientWithClientSecret(WithSecret, M2MClient):
    """A client and its secret. Store the secret now: Stytch cannot show it again."""

    client_secret: str = field(repr=False)
    """The secret."""


@dataclass(frozen=True, kw_only=True, repr=False)
class M2MClientWithNextClientSecret(WithSecret, M2MClient):
    """A client whose secret is being rotated, and the next secret."""

    next_client_secret: str = field(repr=False)
    """The next secret. It and the current secret both work until the rotation ends."""


@dataclass(frozen=True, kw_only=True)
class Response:
    """What every answer of the API has."""

    request_id: str
    """The server's id of the request."""
    status_code: int
    """The HTTP status."""


@dataclass(frozen=True, kw_only=True)
class CreateResponse(Response):
    """A created client with its secret, which Stytch cannot show again."""

    m2m_client: M2MClientWithClientSecret
    """The client and its secret."""


@dataclass(frozen=True, kw_only=True)
class ClientResponse(Response):
    """A response with one client."""

    m2m_client: M2MClient
    """The client."""


@dataclass(frozen=True, kw_only=True)
class RotateStartResponse(Response):
    """A started rotation with the next secret, which Stytch cannot show again."""

    m2m_client: M2MClientWithNextClientSecret
    """The client and its next secret."""


@dataclass(frozen=True, kw_only=True)
class DeleteResponse(Response):
    """The response to a deletion."""

    client_id: str
    """The id of the deleted client."""


@dataclass(frozen=True, kw_only=True)
class ResultsMetadata:
    """The position of a page in the whole result."""

    total: int
    """Number of all matches; -1 if the workspace has totals switched off."""
    next_cursor: str | None
    """The next page's `cursor`; `None` after the last page."""


@dataclass(frozen=True, kw_only=True)
class SearchResponse(Response):
    """A page of clients."""

    m2m_clients: list[M2MClient]
    """The clients of this page."""
    results_metadata: ResultsMetadata
    """The total and the next page's cursor."""


@dataclass(frozen=True, kw_only=True)
class ProtectedResource:
    """How to get a token for a service, as its metadata (RFC 9728) says: for a client that knows
    the service and not who issues its tokens."""

    resource: str
    """Its identifier, for `TokenSource(resource=...)`."""
    authorization_servers: list[str]
    """The issuers whose tokens it accepts, at least one. Choose one that you trust with the
    client's credentials, for `TokenSource(issuer=...)`."""
    scopes: list[str]
    """The scopes that the refused request needs; or else all that the service has, if it says
    so."""

    @staticmethod
    def discover(
        *, url: str, www_authenticate: Sequence[str] = (), **transport: Unpack[TransportSettings]
    ) -> ProtectedResource:
        """Fetches the metadata of the service at `url`, from addresses of its own alone.

        Args:
            url: The address that answered 401 to a request without a token.
            www_authenticate: The values of that answer's `WWW-Authenticate`.
            **transport: As for `Client`; see `TransportSettings`.

        Raises:
            NotFoundError: It has no metadata.
            UnexpectedResponseError: Its metadata cannot be used, or is another service's.
        """
        hidden = _native.Hidden(transport)
        del transport
        settings = complete("ProtectedResource.discover", hidden)
        return _native.protected_resource(url, www_authenticate, settings).wait()

    @staticmethod
    async def discover_async(
        *, url: str, www_authenticate: Sequence[str] = (), **transport: Unpack[TransportSettings]
    ) -> ProtectedResource:
        """As `discover`."""
        hidden = _native.Hidden(transport)
        del transport
        settings = complete("ProtectedResource.discover_async", hidden)
        return await run(_native.protected_resource(url, www_authenticate, settings))


register(__name__)
