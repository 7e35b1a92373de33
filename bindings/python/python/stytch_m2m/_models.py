"""The API's records, under the API's names. All are frozen. A secret is a plain `str` there, which
`dataclasses.asdict`, `copy` and `pickle` keep; a `repr` shows it as `<hidden>`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import _native
from ._asyncio import run
from ._base import complete
from ._process import register
from ._types import Algorithm, ClientStatus, KeySetState, TokenProfile, Vertical

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
class IssuerConfig:
    """An issuer whose tokens a `TokenVerifier` accepts.

    Its functions make the settings of known providers.
    """

    issuers: list[str]
    """The issuer's `iss` values, compared exactly."""
    audiences: list[str]
    """The accepted `aud` values: a token must have at least one of them. If there is none, only
    tokens without `aud` are accepted, and only of `client_ids`."""
    algorithms: list[Algorithm] = field(default_factory=lambda: ["RS256"])
    """The signature algorithms allowed."""
    jwks_url: str | None = None
    """The source of the issuer's keys. This or `jwks`."""
    jwks: str | None = None
    """Its keys, as the text of a JWK Set."""
    discovery: str | None = None
    """The issuer whose discovery document names the address of its keys. In place of `jwks_url` and
    `jwks`."""
    profile: TokenProfile = "oauth"
    """How the claims name the client."""
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
    scope_map: dict[str, str] = field(default_factory=dict)
    """New names of scopes: by the name in the token, the name that the claims and the required
    scopes have. A name of `*` stands for all others, and `*` in its new name for the old one, as in
    `{"*": "billing.*"}`. What is not mentioned keeps its name."""
    required_claims: dict[str, str] = field(default_factory=dict)
    """Claims that must be strings with exactly these values."""
    require_client_subject: bool = False
    """Profile `oauth`: refuse tokens whose `sub` is not the client that `client_id` or `azp` names,
    which is how most issuers mark a user's token."""
    client_ids: list[str] = field(default_factory=list)
    """The clients whose tokens are accepted. Default: every client of the issuer, which needs
    `audiences`."""
    client_id_claims: list[str] = field(default_factory=list)
    """Claims that name the client, for the profile `oauth`: the first one in the token does, and
    the others, if present, must name the same. A token with none of them is refused. Default: as
    the profile says."""
    scope_claims: list[str] = field(default_factory=lambda: ["scope"])
    """Claims with the scopes, together: names such as `scp`, and paths such as `realm_access.roles`
    or `resource_access.{audience}.roles`, for each of the audiences. A name with a colon is not a
    path. With `.*` at the end, the scopes are the names of an object's members."""
    organization_claim: str | None = "org_id"
    """The claim with the organization (tenant, customer) that the client belongs to, for
    `TokenClaims.organization`: a name such as `org_id`, or a path such as `tenant.id`. A name with
    a colon is not a path. Use only a claim that the issuer sets itself: one that a client can set
    in its token request names any organization. `entra` sets `tid`; `None`, and so no organization,
    for providers that have no such claim."""
    forbidden_claims: list[str] = field(default_factory=list)
    """Claims that a token must not have, such as those of a user's token."""
    allow_missing_sub: bool = False
    """Whether to accept tokens without `sub`, for the profile `oauth`. Without it, nothing tells a
    user's token from a client's except other claims."""
    require_any_scope: bool = False
    """Whether to refuse tokens without any scope as `insufficient_scope`, even if no scope is
    required."""
    max_token_lifetime_seconds: int | None = None
    """The longest time from `iat` to `exp` of a token. With a limit, `iat` is required."""
    clock_tolerance_seconds: int = 0
    """The least leeway for the times of this issuer's tokens, up to 300 seconds."""
    max_jwks_keys: int = 1000
    """Maximum number of keys of the key set; a larger set is refused."""
    max_jwks_bytes: int = 1 << 20
    """Maximum size of the key set in bytes, up to 16 MiB."""
    jwks_token_file: str | None = None
    """A file with a bearer token for the key set's URL, read before each fetch: for servers that do
    not publish their keys to everyone."""

    @staticmethod
    def stytch(
        *, project_id: str, base_url: str | None = None, vertical: Vertical = "consumer"
    ) -> IssuerConfig:
        """Settings for a Stytch project. `base_url` is your custom domain, if you have one."""
        return _native.stytch_issuer(project_id, base_url, vertical)

    @staticmethod
    def auth0(
        *, domain: str, audience: str, scope_map: Mapping[str, str] | None = None
    ) -> IssuerConfig:
        """An Auth0 tenant: `domain` as in `example.eu.auth0.com`, and an API's identifier.

        `scope_map` gives its scopes new names: see the field.
        """
        return _native.auth0_issuer(domain, audience, dict(scope_map or {}))

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

    @staticmethod
    def discover(*, issuer: str, audiences: Sequence[str]) -> IssuerConfig:
        """Any issuer that has a discovery document (RFC 8414 or OpenID Connect), which names the
        address of its keys.

        `issuer` is an https URL: what the document and the tokens call the issuer, with or without
        a slash at the end.
        """
        return IssuerConfig(issuers=[issuer], audiences=list(audiences), discovery=issuer)

    @staticmethod
    def cognito(*, user_pool_id: str, client_ids: Sequence[str]) -> IssuerConfig:
        """Settings for an Amazon Cognito user pool, such as `eu-west-1_AbCdEf123`. Its access
        tokens have no `aud`, so the app clients to accept are in `client_ids`."""
        return _provider("cognito", client_ids, user_pool_id=user_pool_id)

    @staticmethod
    def entra(*, tenant: str, audience: str) -> IssuerConfig:
        """Settings for one tenant of Microsoft Entra ID: `tenant` is its id (a GUID), `audience`
        the API's application id or its application ID URI. Tokens of version 1.0 and 2.0 are
        accepted. The scopes are the application's `roles`; a token without any is refused, because
        Entra issues such a token to every application of the tenant."""
        return _provider("entra", (), tenant=tenant, audience=audience)

    @staticmethod
    def okta(*, issuer: str, audience: str) -> IssuerConfig:
        """Settings for a custom authorization server of Okta, such as
        `https://example.okta.com/oauth2/default`. Tokens of the organization's own server are for
        Okta's API alone."""
        return _provider("okta", (), issuer=issuer, audience=audience)

    @staticmethod
    def keycloak(*, issuer: str, audience: str) -> IssuerConfig:
        """Settings for a realm of Keycloak 21 or later, such as
        `https://sso.example.com/realms/main`. The scopes are those in `scope` and the client roles
        of `audience`, which is the API's client id. Service accounts need the client scope
        `service_account`, which is a default of every realm: its `client_id` tells them from
        users."""
        return _provider("keycloak", (), issuer=issuer, audience=audience)

    @staticmethod
    def google(*, audience: str, client_ids: Sequence[str]) -> IssuerConfig:
        """Settings for Google's ID tokens of service accounts. Anyone's service account can get a
        token for any audience, so `client_ids` lists the service accounts to accept, by their
        unique ids."""
        return _provider("google", client_ids, audience=audience)

    @staticmethod
    def hydra(*, issuer: str, audience: str) -> IssuerConfig:
        """Settings for Ory Hydra with `strategies.access_token: jwt`. `issuer` is
        `urls.self.issuer` exactly, with its slash if it has one."""
        return _provider("hydra", (), issuer=issuer, audience=audience)

    @staticmethod
    def zitadel(*, issuer: str, audience: str, client_ids: Sequence[str]) -> IssuerConfig:
        """Settings for a Zitadel instance with JWT access tokens: `audience` is the project's id.
        Its tokens do not tell a machine from a user, so `client_ids` lists the service users to
        accept. The scopes are the names of the project's roles."""
        return _provider("zitadel", client_ids, issuer=issuer, audience=audience)

    @staticmethod
    def duende(*, issuer: str, audience: str) -> IssuerConfig:
        """Settings for Duende IdentityServer. A client's own tokens have no `sub`."""
        return _provider("duende", (), issuer=issuer, audience=audience)

    @staticmethod
    def kubernetes(*, issuer: str, audience: str) -> IssuerConfig:
        """Settings for service account tokens of a Kubernetes cluster: `issuer` is its
        `--service-account-issuer`. The client is `system:serviceaccount:<namespace>:<name>`. Most
        clusters publish their keys only to callers with a token: set `jwks_token_file`."""
        return _provider("kubernetes", (), issuer=issuer, audience=audience)


def _provider(name: str, client_ids: Sequence[str], **arguments: str) -> IssuerConfig:
    return _native.provider_issuer(name, arguments, list(client_ids))


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
