"""The API's records, under the API's names. All are frozen. A secret is a plain `str` there, which
`dataclasses.asdict`, `copy` and `pickle` keep; a `repr` shows it as `<hidden>`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from . import _native
from ._process import register
from ._types import Algorithm, ClientStatus, KeySetState, TokenProfile, Vertical


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
    """The token itself."""
    token_type: str
    """Always `bearer`, in the server's spelling."""
    expires_in: int
    """Seconds until it expires, counted from when it was handed out."""
    expires_at: datetime
    """When it expires."""
    granted_scopes: list[str] | None
    """The scopes granted, where the server says so (RFC 6749, section 5.1)."""
    request_id: str | None
    """The server's id of the request that fetched it."""
    status_code: int
    """The HTTP status of that request."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """How a service answers a request whose token is refused (RFC 6750)."""

    status: int
    """401, 403 or 503."""
    headers: dict[str, str]
    """The headers that go with it."""
    body: str
    """JSON with the error's code and no more."""


@dataclass(frozen=True, kw_only=True)
class TokenClaims(_native.Claims):
    """What a verified access token says. Its fields become Python values when they are read."""

    __slots__ = ()

    client_id: str
    """The M2M client: `sub`, or for Auth0 `sub` without `@clients`."""
    scopes: list[str]
    """The scopes of `scope`, as they stand there."""
    custom_claims: dict[str, Any]
    """Every claim that is not a registered one."""
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

    def missing_scopes(self, required: Sequence[str]) -> list[str]:
        """The scopes of `required` that the token does not grant, in their order."""
        return _native.missing_scopes(self.scopes, self.wildcard_scopes, required)

    def __getstate__(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)


# Set after the decorator, which would take descriptors for defaults. They make each value when it
# is first read: to make all ten costs some 2 us a token, and most are never read.
for _field in fields(TokenClaims):
    setattr(TokenClaims, _field.name, _native.Field(_field.name))


@dataclass(frozen=True, kw_only=True)
class CacheStats:
    """What a cache did since it was made. The numbers only grow."""

    hits: int
    """Calls that were answered at once."""
    misses: int
    """Calls that had to wait for a request, or failed for want of one."""
    refreshes: int
    """Requests that brought something new, in the background or not."""
    failures: int
    """Requests that failed."""
    stale_served: int
    """Calls that were answered with what should have been refreshed by then, but could not be."""
    flights_joined: int
    """Calls that shared a request that was under way."""


@dataclass(frozen=True, kw_only=True)
class ClientStats:
    """What a client's caches did."""

    tokens: CacheStats
    """The access tokens that it fetches."""
    keys: CacheStats
    """The keys that it verifies with."""


@dataclass(frozen=True, kw_only=True)
class KeySetHealth:
    """Whether an issuer's tokens can be judged, and for how long."""

    issuer: str
    """The first of the issuer's names."""
    state: KeySetState
    """How good its key set is."""
    keys: int
    """Keys that can verify."""
    fetched_at: datetime | None
    """When the key set was last got from its server."""
    age_seconds: float | None
    """How long ago that was."""
    failures: int
    """Fetches that failed since one succeeded."""
    last_failure: str | None
    """The code of the last of them."""
    retry_after_seconds: float | None
    """How long no fetch will be tried after it."""
    unknown_kids: int
    """Verifications of tokens whose `kid` the key set did not have."""
    cooldown_hits: int
    """Those of them that caused no fetch, since there had been one too lately."""


@dataclass(frozen=True, kw_only=True)
class ExportedKeySet:
    """A key set to take along: `verifier.seed_jwks(**vars(exported))`."""

    issuer: str
    """The first of the issuer's names."""
    jwks: str
    """The text of the JWK Set, as its server sent it. Public keys only."""
    fetched_at: datetime
    """When it was got from its server."""


@dataclass(frozen=True, kw_only=True)
class M2MClient:
    """An M2M client, as Stytch shows it: without its secret."""

    client_id: str
    """The id that the client authenticates with."""
    client_name: str
    """A name for people."""
    client_description: str
    """A description for people."""
    status: ClientStatus
    """Whether it may fetch tokens. Tokens that it already has stay valid until they expire."""
    scopes: list[str]
    """The scopes that it may ask for."""
    client_secret_last_four: str
    """The last four characters of its secret."""
    next_client_secret_last_four: str | None
    """The last four characters of the secret that a rotation brings in; `None` without one."""
    trusted_metadata: dict[str, Any] | None
    """Your own data about the client."""


@dataclass(frozen=True, kw_only=True, repr=False)
class M2MClientWithClientSecret(WithSecret, M2MClient):
    """A client together with its secret, which Stytch does not keep: store it now."""

    client_secret: str = field(repr=False)
    """The secret."""


@dataclass(frozen=True, kw_only=True, repr=False)
class M2MClientWithNextClientSecret(WithSecret, M2MClient):
    """A client whose secret is being rotated, together with the next secret."""

    next_client_secret: str = field(repr=False)
    """The secret that works beside the current one until the rotation ends."""


@dataclass(frozen=True, kw_only=True)
class Response:
    """What every answer of the API has."""

    request_id: str
    """The server's id of the request."""
    status_code: int
    """The HTTP status."""


@dataclass(frozen=True, kw_only=True)
class CreateResponse(Response):
    """A created client, with the only sight of its secret."""

    m2m_client: M2MClientWithClientSecret
    """The client and its secret."""


@dataclass(frozen=True, kw_only=True)
class ClientResponse(Response):
    """An answer that holds one client."""

    m2m_client: M2MClient
    """The client."""


@dataclass(frozen=True, kw_only=True)
class RotateStartResponse(Response):
    """A started rotation, with the only sight of the next secret."""

    m2m_client: M2MClientWithNextClientSecret
    """The client and its next secret."""


@dataclass(frozen=True, kw_only=True)
class DeleteResponse(Response):
    """The answer to a delete."""

    client_id: str
    """The id of the client that is gone."""


@dataclass(frozen=True, kw_only=True)
class ResultsMetadata:
    """Where a page stands in the whole result."""

    total: int
    """All matches, or -1 where the workspace has totals switched off."""
    next_cursor: str | None
    """The next page's `cursor`; `None` after the last page."""


@dataclass(frozen=True, kw_only=True)
class SearchResponse(Response):
    """A page of clients."""

    m2m_clients: list[M2MClient]
    """The clients of this page."""
    results_metadata: ResultsMetadata
    """How many there are, and where the next page starts."""


@dataclass(frozen=True, kw_only=True)
class IssuerConfig:
    """An issuer whose tokens a `TokenVerifier` accepts.

    `stytch`, `auth0` and `oauth` make theirs.
    """

    issuers: list[str]
    """The `iss` values that it uses, compared exactly."""
    audiences: list[str]
    """The `aud` values of which a token must carry at least one."""
    algorithms: list[Algorithm] = field(default_factory=lambda: ["RS256"])
    """The signature algorithms allowed."""
    jwks_url: str | None = None
    """Where its keys are. This or `jwks`."""
    jwks: str | None = None
    """Its keys, as the text of a JWK Set."""
    profile: TokenProfile = "oauth"
    """How its claims name the client."""
    allow_missing_typ: bool = False
    """Accept tokens without `typ`."""
    allow_missing_kid: bool = False
    """Accept tokens without `kid` while exactly one key fits."""
    accept_scope_array: bool = False
    """Accept `scope` as an array of strings."""
    wildcard_scopes: bool = False
    """Whether `read:*` in a token grants every `read:<resource>`; `stytch` says yes."""
    allow_bound_tokens: bool = False
    """Accept tokens that are bound to a key of the client (`cnf`: DPoP, mTLS). The binding is not
    checked here: that is the caller's to do."""
    require_typ: str | None = None
    """Accept only tokens with this `typ`, such as `at+jwt`."""
    required_claims: dict[str, str] = field(default_factory=dict)
    """Claims that must be there as strings with exactly these values."""
    require_client_subject: bool = False
    """Profile `oauth`: refuse tokens whose `sub` is not the client that `client_id` or `azp` names,
    which is how most issuers mark a user's token."""

    @staticmethod
    def stytch(
        *, project_id: str, base_url: str | None = None, vertical: Vertical = "consumer"
    ) -> IssuerConfig:
        """A Stytch project. `base_url` is your custom domain, if you have one."""
        return _native.stytch_issuer(project_id, base_url, vertical)

    @staticmethod
    def auth0(*, domain: str, audience: str) -> IssuerConfig:
        """An Auth0 tenant: `domain` as in `example.eu.auth0.com`, and an API's identifier."""
        return _native.auth0_issuer(domain, audience)

    @staticmethod
    def oauth(
        *,
        issuer: str,
        audiences: Sequence[str],
        jwks_url: str | None = None,
        jwks: str | None = None,
    ) -> IssuerConfig:
        """Any issuer of JWT access tokens (RFC 9068). Its keys are at `jwks_url`, or are `jwks`."""
        return _native.oauth_issuer(issuer, list(audiences), jwks_url, jwks)


register(__name__)
