"""Issuers whose tokens are accepted: their settings, and the function that decides about others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from . import _native
from ._process import register
from ._types import AcceptTenant, Algorithm, ResolveIssuer, TokenProfile, Vertical


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
    allow_missing_kid: bool | None = None
    """Accept tokens without `kid` if exactly one key fits. Default: yes for the profile `oauth`;
    the functions for known providers say no, because their tokens always name their key."""
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
        *,
        project_id: str,
        base_url: str | None = None,
        base_urls: Sequence[str] = (),
        vertical: Vertical = "consumer",
    ) -> IssuerConfig:
        """Settings for a Stytch project. `base_url` is your custom domain, if you have one.

        A project that is called by several names, such as its default domain and a custom domain,
        has `base_urls`: tokens of each are accepted, and those whose issuer is
        `stytch.com/{project_id}`. The keys, which are the same for all, are fetched from the first.
        """
        urls = [base_urls] if isinstance(base_urls, str) else list(base_urls)
        return _native.stytch_issuer(project_id, base_url, urls, vertical)

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
        return _native.oauth_issuer(issuer, list(audiences), jwks_url, jwks, None)

    @staticmethod
    def discover(*, issuer: str, audiences: Sequence[str]) -> IssuerConfig:
        """Any issuer that has a discovery document (RFC 8414 or OpenID Connect), which names the
        address of its keys.

        `issuer` is an https URL: what the document and the tokens call the issuer, with or without
        a slash at the end.
        """
        return _native.oauth_issuer(issuer, list(audiences), None, None, issuer)

    @staticmethod
    def cognito(*, user_pool_id: str, client_ids: Sequence[str]) -> IssuerConfig:
        """Settings for an Amazon Cognito user pool, such as `eu-west-1_AbCdEf123`. Its access
        tokens have no `aud`, so the app clients to accept are in `client_ids`."""
        return _provider("cognito", client_ids, user_pool_id=user_pool_id)

    @staticmethod
    def entra(*, tenant: str | Sequence[str], audience: str) -> IssuerConfig:
        """Settings for tenants of Microsoft Entra ID: `tenant` is the id of one (a GUID) or a list
        of ids, `audience` the API's application id or its application ID URI. Tokens of version 1.0
        and 2.0 are accepted. The scopes are the application's `roles`; a token without any is
        refused, because Entra issues such a token to every application of the tenant.

        Several tenants share one key set: a token's `tid` must be the tenant in its `iss`, and a
        key whose `issuer` names another tenant is not its key. A function decides about tenants in
        `IssuerResolver.entra`."""
        tenants = [tenant] if isinstance(tenant, str) else list(tenant)
        return _native.entra_issuer(tenants, audience)

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
        `service_account`, whose `client_id` tells them from users. Keycloak adds it to a client
        that gets a service account; an imported realm may lack it."""
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


@dataclass(frozen=True)
class IssuerResolver:
    """Decides which issuers are accepted beside the listed ones, such as the customers of a SaaS
    who each have an issuer of their own. The function alone can stand in its place.

    It is called with the `iss` of a token that is not verified yet, at most 2,048 bytes, whose
    header was found valid, and never for a listed issuer. Look the `iss` up among those that you
    know, and never make the address of its keys from an unknown one. The settings that it returns
    must name this `iss` among their `issuers`, and are used for it alone; `None` refuses its
    tokens.

    Answers are cached. One call serves all concurrent verifications of an issuer, at most 16 calls
    run at once, and each may take `attempt_timeout_seconds`. While it fails, tokens of issuers that
    are not cached raise `KeysUnavailableError` (503), which has the exception's type and not its
    text, and cached ones stay accepted for `max_key_age_seconds`.

    It is called on a thread of its own, with the caller's context variables. What it awaits runs on
    the caller's event loop if an asynchronous class has called it, and otherwise on a loop of its
    own.
    """

    function: ResolveIssuer = field(repr=False)
    """The function, asynchronous or not."""
    _: KW_ONLY
    lifetime_seconds: int = 600
    """How long an issuer is accepted before the function is called again, from 1 second to 24
    hours. If the answer is then the same, the cached keys stay in use; if it is `None`, all tokens
    of the issuer are refused."""
    negative_lifetime_seconds: int = 60
    """How long an issuer is refused before the function is called again, from 1 second to 24
    hours."""
    max_issuers: int = 1000
    """Maximum number of accepted issuers in the cache, and of refused ones, from 1 to 65,536; the
    least recently used leave first."""

    @staticmethod
    def entra(
        *,
        audience: str,
        is_accepted: AcceptTenant,
        lifetime_seconds: int = 600,
        negative_lifetime_seconds: int = 60,
        max_issuers: int = 1000,
    ) -> IssuerResolver:
        """Decides about tenants of Microsoft Entra ID: `is_accepted` gets a tenant's id and says
        whether its tokens are accepted, with the settings of `IssuerConfig.entra`. It is asked only
        about the `iss` of Entra's tokens of version 1.0 and 2.0."""
        return _EntraResolver(
            is_accepted,  # type: ignore[arg-type]
            lifetime_seconds=lifetime_seconds,
            negative_lifetime_seconds=negative_lifetime_seconds,
            max_issuers=max_issuers,
            _audience=audience,
        )

    def _settings(self, on_loop: bool) -> tuple[Any, ...]:
        """As the native module takes it. What the function awaits runs `on_loop`, the caller's
        event loop, or on one of its own."""
        if not callable(self.function):
            raise TypeError(f"must be a function, not {type(self.function).__name__}")
        return (
            self.function,
            on_loop,
            getattr(self, "_audience", None),
            self.lifetime_seconds,
            self.negative_lifetime_seconds,
            self.max_issuers,
        )


@dataclass(frozen=True, kw_only=True)
class _EntraResolver(IssuerResolver):
    _audience: str


def native_resolver(
    given: IssuerResolver | ResolveIssuer | None, on_loop: bool
) -> tuple[Any, ...] | None:
    """The setting as the native module takes it."""
    if given is None:
        return None
    resolver = given if isinstance(given, IssuerResolver) else IssuerResolver(given)
    return resolver._settings(on_loop)


register(__name__)
