"""The base classes of the synchronous and the asynchronous classes: constructors, and what needs no
waiting.

To make one does no I/O. A method hides the secrets among its arguments before anything can fail:
error reporters capture the locals of every frame that an exception passes.
"""

from __future__ import annotations

from . import _native
from ._asyncio import run
from ._secret import native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any, NoReturn

    from typing_extensions import Unpack

    from ._issuer import IssuerConfig, IssuerResolver
    from ._models import CacheStats, ClientStats, ExportedKeySet, KeySetHealth, Token
    from ._types import (
        Algorithm,
        ClientAuth,
        ResolveIssuer,
        Secret,
        TransportSettings,
        Vertical,
    )

TRANSPORT = (
    "connect_timeout_seconds",
    "attempt_timeout_seconds",
    "total_timeout_seconds",
    "extra_ca_pem",
    "bundled_roots",
    "client_certificate_pem",
    "proxy",
    "max_key_age_seconds",
)


def complete(owner: object, given: _native.Hidden[Any]) -> _native.Hidden[dict[str, Any]]:
    """All settings of the transport, `None` where one is not given."""
    for name in given.reveal().keys() - set(TRANSPORT):
        function = owner if isinstance(owner, str) else f"{type(owner).__name__}.__init__"
        raise TypeError(f"{function}() got an unexpected keyword argument {name!r}")
    certificate = native(given.reveal().get("client_certificate_pem"), is_async(owner))
    return _native.Hidden(
        {**dict.fromkeys(TRANSPORT), **given.reveal(), "client_certificate_pem": certificate}
    )


def is_async(owner: object) -> bool:
    """Whether its calls are awaited, so that they do not block an event loop."""
    return hasattr(owner, "aclose")


class Unique:
    """What has connections, secrets and caches: there is no second one of it."""

    def __reduce__(self) -> NoReturn:
        kind = type(self).__name__
        raise TypeError(
            f"{kind} cannot be copied or pickled, since it holds connections and secrets: share"
            " this one between threads, and make another in a process that is not forked from"
            " this one"
        )


class BaseClient(Unique):
    """The base of `Client` and `AsyncClient`."""

    m2m: Any
    _native: _native.Client
    _api: Any
    _vertical: Vertical = "consumer"
    _shown = ""

    def __init__(
        self,
        *,
        project_id: str | None = None,
        secret: Secret | None = None,
        base_url: str | None = None,
        organization_key: str | None = None,
        verified_token_cache_size: int = 0,
        token_cache_capacity: int | None = None,
        token_store_url: str | None = None,
        token_store_key: str | None = None,
        token_store_allow_unencrypted: bool = False,
        **transport: Unpack[TransportSettings],
    ) -> None:
        """What is not given comes from the environment, or is the default.

        Args:
            project_id: The project's id. Default: `STYTCH_PROJECT_ID`.
            secret: The project's secret, which management calls need; one that may change can be a
                `SecretSource` or a function. Default: `STYTCH_SECRET`.
            base_url: Your custom domain, or an emulator. Default: `STYTCH_BASE_URL`, or Stytch's
                live or test host, by the project id.
            organization_key: The key of `trusted_metadata` that holds a client's organization:
                `organization_id` of calls and records is its value. Default: `organization_id`.
            verified_token_cache_size: About how many verified tokens to remember, so that one that
                comes again costs no signature check; its key, times and scopes are checked each
                time. At most 1,048,576.
            token_cache_capacity: Maximum number of grants whose access token is cached. A full
                cache evicts grants without a token first, then the least recently used. From 1 to
                1,048,576. Default: 10,000.
            token_store_url: URL of a Redis or Valkey server through which processes share access
                tokens, so that one process fetches for all: `rediss://user:password@host:6379/0`.
                While the server is unavailable, each process fetches its own token. Default: none.
            token_store_key: What seals the tokens there: 32 random bytes in base64. Several,
                separated by commas, open what any of them sealed; the first seals.
            token_store_allow_unencrypted: Allows a `token_store_url` with a password that is sent
                unencrypted, by `redis://`, to a host other than this one.
            **transport: How requests are sent; see `TransportSettings`.
        """
        hidden_secret, settings = native(secret, is_async(self)), _native.Hidden(transport)
        url, key = _native.Hidden(token_store_url), _native.Hidden(token_store_key)
        token_store = (url, key, token_store_allow_unencrypted)
        del secret, transport, token_store_url, token_store_key
        self._native = _native.Client(
            project_id,
            hidden_secret,
            base_url,
            self._vertical,
            organization_key,
            verified_token_cache_size,
            token_cache_capacity,
            token_store,
            complete(self, settings),
        )
        self.m2m = self._api(self._native)
        self._shown = f"project_id={self._native.project_id!r}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._shown})"

    @property
    def project_id(self) -> str:
        """The project's id."""
        return self._native.project_id

    def stats(self) -> ClientStats:
        """What its caches of tokens and keys did so far."""
        return self._native.stats()


class BaseTokenSource(Unique):
    """The base of `TokenSource` and `AsyncTokenSource`."""

    _native: _native.TokenSource
    _shown = ""

    def __init__(
        self,
        *,
        client_id: str | None = None,
        client_secret: Secret | None = None,
        next_client_secret: Secret | None = None,
        client_auth: ClientAuth | None = None,
        private_key: Secret | None = None,
        key_id: str | None = None,
        signing_algorithm: Algorithm | None = None,
        assertion_audience: str | None = None,
        client_assertion: Secret | None = None,
        assertion: Secret | None = None,
        scopes: Sequence[str] = (),
        resource: str | Sequence[str] = (),
        audience: str | None = None,
        extra: Mapping[str, str] | None = None,
        project_id: str | None = None,
        base_url: str | None = None,
        token_url: str | None = None,
        issuer: str | None = None,
        token_store_url: str | None = None,
        token_store_key: str | None = None,
        token_store_allow_unencrypted: bool = False,
        **transport: Unpack[TransportSettings],
    ) -> None:
        """Names the credential, and the server that takes it. What is not given comes from the
        environment, or is the default.

        Whatever is a secret can be a `str`, a `SecretSource`, or a function that returns a `str`
        or, asynchronously, will.

        Args:
            client_id: The client's id. Default: `STYTCH_CLIENT_ID`.
            client_secret: Its secret. Default: `STYTCH_CLIENT_SECRET`, or the file that
                `STYTCH_CLIENT_SECRET_FILE` names.
            next_client_secret: Its other secret during a rotation: tried when the server refuses
                the one in use, and then in use until it is refused.
            client_auth: How the client authenticates. Default: `client_secret_post`, with `issuer`
                what the server offers (`client_secret_basic` first), or `private_key_jwt` with a
                `private_key` or a `client_assertion`. `tls_client_auth`, which needs
                `client_certificate_pem`, and `none` must be set.
            private_key: The private key that signs the client's assertions: PEM or a private JWK.
            key_id: The `kid` of the assertions. Default: the JWK's.
            signing_algorithm: The algorithm of their signatures. Default: the JWK's, or the one
                that the key's type suggests.
            assertion_audience: Their `aud`. Default: the `issuer`, or the URL of the token
                endpoint.
            client_assertion: An assertion that the client's platform issued to it, such as the
                file of a Kubernetes service account token, in place of a `private_key`. It is read
                before each token request.
            assertion: An assertion to exchange for a token, in place of the client-credentials
                grant (RFC 7523, section 2.1). It is read before each token request.
            scopes: The scopes to request. Default: all scopes of the client.
            resource: The services that the token is for (RFC 8707): one URI, or several.
            audience: The audience that the token is for, where a server has this parameter.
            extra: Additional parameters.
            project_id: The project whose token endpoint is asked. Default: `STYTCH_PROJECT_ID`.
            base_url: As for `Client`.
            token_url: Another server's token endpoint, in place of `project_id` and `base_url`.
                Default: `STYTCH_TOKEN_URL`, which comes before `STYTCH_PROJECT_ID`.
            issuer: Another server's issuer, in place of `token_url`: its discovery document
                (RFC 8414 or OpenID Connect) names the token endpoint, and how to authenticate.
            token_store_url: As for `Client`.
            token_store_key: As for `Client`.
            token_store_allow_unencrypted: As for `Client`.
            **transport: As for `Client`; see `TransportSettings`.
        """
        on_loop = is_async(self)
        secret, next_secret = native(client_secret, on_loop), native(next_client_secret, on_loop)
        signing_key, issued = native(private_key, on_loop), native(client_assertion, on_loop)
        exchanged = native(assertion, on_loop)
        del client_secret, next_client_secret, private_key, client_assertion, assertion
        credential = (
            client_auth,
            secret,
            next_secret,
            signing_key,
            key_id,
            signing_algorithm,
            assertion_audience,
            issued,
            exchanged,
        )
        hidden_extra = _native.Hidden(extra)
        url, key = _native.Hidden(token_store_url), _native.Hidden(token_store_key)
        token_store = (url, key, token_store_allow_unencrypted)
        settings = _native.Hidden(transport)
        del extra, token_store_url, token_store_key, transport
        self._native = _native.TokenSource(
            client_id,
            credential,
            scopes,
            [resource] if isinstance(resource, str) else resource,
            audience,
            hidden_extra,
            project_id,
            base_url,
            token_url,
            issuer,
            token_store,
            complete(self, settings),
        )
        self._shown = f"client_id={self._native.client_id!r}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._shown})"

    def _get_token(self) -> Token:
        """A fresh token, for callers that may block: of either class, as HTTP clients want it."""
        return self._native.cached_token() or self._native.get_token().wait()

    async def _get_token_async(self) -> Token:
        """A fresh token, for callers that may not."""
        token = self._native.cached_token()
        return await run(self._native.get_token()) if token is None else token

    def invalidate(self, access_token: str) -> None:
        """Says that a server refused `access_token`: unless a newer one is there already, the next
        call fetches."""
        token = _native.Hidden(access_token)
        del access_token
        self._native.invalidate(token)

    def stats(self) -> CacheStats:
        """What its cache did so far."""
        return self._native.stats()


class BaseVerifier(Unique):
    """The base of all that verifies: its key sets, their state and their transfer."""

    _verifier: _native.TokenVerifier

    def health(self) -> list[KeySetHealth]:
        """The state of each issuer's key set, for monitoring. Fetches nothing."""
        return self._verifier.health()

    def export_jwks(self) -> list[ExportedKeySet]:
        """The cached key sets that were fetched, for `seed_jwks`."""
        return self._verifier.export_jwks()

    def seed_jwks(self, *, jwks: str, fetched_at: datetime, issuer: str | None = None) -> None:
        """Takes a key set that was fetched elsewhere, unless the one at hand is newer: for cold
        starts without network. It ages as if fetched here.

        Args:
            jwks: The text of the JWK Set.
            fetched_at: When it was fetched, with a time zone.
            issuer: One of the issuer's names. May be left out where there is one issuer.

        Raises:
            InvalidConfigError: The set is not usable, or no fetched key set is the issuer's.
        """
        self._verifier.seed_jwks(issuer, jwks, fetched_at)


class BaseTokenVerifier(Unique):
    """The base of `TokenVerifier` and `AsyncTokenVerifier`."""

    _verifier: _native.TokenVerifier

    def __init__(
        self,
        *,
        project_id: str | None = None,
        base_url: str | None = None,
        vertical: Vertical = "consumer",
        issuers: Sequence[IssuerConfig] | None = None,
        issuer_resolver: IssuerResolver | ResolveIssuer | None = None,
        verified_token_cache_size: int = 0,
        **transport: Unpack[TransportSettings],
    ) -> None:
        """Names one project, or with `issuers` several issuers in its place.

        Args:
            project_id: The project's id. Default: `STYTCH_PROJECT_ID`.
            base_url: As for `Client`.
            vertical: Stytch's product line.
            issuers: The issuers whose tokens are accepted.
            issuer_resolver: Decides about issuers that are not listed: a function, or an
                `IssuerResolver`. With it, `issuers` may be left out, and then no issuer is listed.
            verified_token_cache_size: As for `Client`.
            **transport: As for `Client`; see `TransportSettings`.
        """
        given = _native.Hidden(transport)
        del transport
        settings = complete(self, given)
        is_project = project_id is not None or base_url is not None
        if issuer_resolver is not None and is_project:
            raise TypeError("give issuers beside issuer_resolver: IssuerConfig.stytch(...)")
        if issuers is None and issuer_resolver is None:
            self._verifier = _native.TokenVerifier.of_project(
                project_id, base_url, vertical, verified_token_cache_size, settings
            )
        elif not is_project:
            resolver = None
            if issuer_resolver is not None:
                from ._issuer import native_resolver

                resolver = native_resolver(issuer_resolver, is_async(self))
            self._verifier = _native.TokenVerifier(
                issuers or (), resolver, verified_token_cache_size, settings
            )
        else:
            raise TypeError("give project_id and base_url, or issuers: IssuerConfig.stytch(...)")

    def stats(self) -> CacheStats:
        """What its cache of keys did so far, all issuers together."""
        return self._verifier.stats()
