"""The synchronous classes. Calls that wait release the interpreter lock and answer Ctrl-C."""

from __future__ import annotations

from . import _native
from ._base import BaseClient, BaseTokenSource, BaseTokenVerifier, BaseVerifier, Unique
from ._errors import StytchM2MError
from ._required_organization import UNCHECKED, native_organization
from ._rotation import still_under_way

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

    from ._models import (
        ClientResponse,
        CreateResponse,
        DeleteResponse,
        M2MClient,
        RotateStartResponse,
        SearchResponse,
        Token,
        TokenClaims,
    )
    from ._required_organization import AnyOrganization
    from ._types import Authorize, ClientStatus, SearchQuery, Vertical


class CloseMixin:
    """A context manager that closes at its end."""

    _native: Any

    def close(self) -> None:
        """Lets go of connections and caches. Calls after it raise `RuntimeError`."""
        self._native.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class VerifierMixin(BaseVerifier):
    """Verifies tokens."""

    def authenticate_token(
        self,
        *,
        access_token: str,
        required_scopes: Sequence[str] = (),
        organization: str | AnyOrganization = UNCHECKED,
        max_token_age_seconds: int | None = None,
        clock_tolerance_seconds: int = 0,
        authorize: Authorize | None = None,
    ) -> TokenClaims:
        """Verifies an access token: signature, issuer, audience, times and scopes.

        Local, except for the first call, which fetches the key set.

        Args:
            access_token: The token, without `Bearer`.
            required_scopes: Scopes that the token must grant; all are required. Default: none.
            organization: The id of the organization that the token must belong to, compared
                exactly, or `ANY_ORGANIZATION`. Default: not checked.
            max_token_age_seconds: Refuses tokens this old or older. 0 refuses every token.
            clock_tolerance_seconds: The allowed difference between the clocks, 0 to 300. `nbf` and
                `iat` may always lie 5 seconds ahead.
            authorize: Replaces the scope comparison; the token is refused unless it returns `True`.

        Raises:
            InvalidTokenError: The token is refused; see `reason`. Answer 401.
            InsufficientScopeError: The token is valid, but lacks a required scope, or, with the
                `reason` `wrong_organization`, belongs to another organization. Answer 403.
            KeysUnavailableError: The key set could not be fetched. Answer 503.
        """
        token = _native.Hidden(access_token)
        del access_token
        options = (
            required_scopes,
            max_token_age_seconds,
            clock_tolerance_seconds,
            authorize is not None,
            *native_organization(organization),
        )
        claims = self._verifier.authenticate_token_now(token, options)
        if claims is None:
            claims = self._verifier.authenticate_token(token, options).wait()
        if authorize is not None and authorize(claims, required_scopes) is not True:
            raise _native.insufficient_scope(claims.missing_scopes(required_scopes))
        return claims

    def warm_up(self) -> None:
        """Fetches the key set if it is not at hand, so that the first token need not wait."""
        self._verifier.warm_up().wait()


class Secrets(Unique):
    """Rotation of a client's secret in two phases: both secrets work until the rotation ends."""

    def __init__(self, core: _native.Client) -> None:
        self._native = core

    def rotate_start(self, *, client_id: str) -> RotateStartResponse:
        """Starts a rotation. The answer is the only sight of the next secret."""
        return self._native.rotate_start(client_id).wait()

    def rotate(self, *, client_id: str) -> ClientResponse:
        """Ends a rotation without proof: the next secret becomes the only one, whichever it is."""
        return self._native.rotate(client_id).wait()

    def rotate_cancel(self, *, client_id: str) -> ClientResponse:
        """Drops the next secret: the current one stays the only one. Only for a next secret that
        nobody depends on yet."""
        return self._native.rotate_cancel(client_id).wait()

    def recover_rotation(self, *, client_id: str) -> RotateStartResponse:
        """Starts a rotation whatever is under way: one whose secret was lost with the answer, as an
        `OutcomeUnknownError` of `rotate_start` says, is cancelled first."""
        return self._native.recover_rotation(client_id).wait()

    def rotate_finish(self, *, client_id: str, next_client_secret: str) -> ClientResponse:
        """Ends a rotation after proof: compares the secret with the client's
        `next_client_secret_last_four`, fetches a token with it, and makes it the only one.

        Nothing is ever cancelled: after an error both secrets go on working, and its `recovery`
        says how to go on. May be called again: a rotation that has ended with this secret is a
        success. The current secret, or one of another rotation, raises `ConflictError`."""
        secret = _native.Hidden(next_client_secret)
        del next_client_secret
        return self._native.rotate_finish(client_id, secret).wait()

    def rotate_with(self, *, client_id: str, store: Callable[[str], object]) -> ClientResponse:
        """A whole rotation: hands the next secret to `store`, proves it by fetching a token, and
        makes it the only one.

        At no moment is the client without a working secret: `store` should therefore keep the
        current one beside the next until this returns. If `store` raises, the rotation is
        cancelled: the current secret stays. What fails after `store` cancels nothing: the rotation
        stays under way, both secrets work, and `rotate_finish` goes on, as `recovery` says.

        Args:
            client_id: Which client.
            store: Puts the next secret where its users find it. What it raises comes out unchanged.
        """
        started = self.rotate_start(client_id=client_id).m2m_client
        try:
            if hasattr(store(started.next_client_secret), "__await__"):
                raise TypeError("store is a coroutine function: that takes an AsyncClient")
        except BaseException:
            try:
                self.rotate_cancel(client_id=client_id)
            except StytchM2MError as error:
                still_under_way(error)
            raise
        return self.rotate_finish(
            client_id=client_id, next_client_secret=started.next_client_secret
        )


class Clients(Unique):
    """The project's M2M clients. Needs the project's secret."""

    secrets: Secrets
    """Rotation of M2M clients' secrets."""

    def __init__(self, core: _native.Client) -> None:
        self._native = core
        self.secrets = Secrets(core)

    def create(
        self,
        *,
        scopes: Sequence[str],
        client_id: str | None = None,
        client_secret: str | None = None,
        client_name: str | None = None,
        client_description: str | None = None,
        trusted_metadata: dict[str, Any] | None = None,
        organization_id: str | None = None,
        idempotent: bool = False,
    ) -> CreateResponse:
        """Creates a client and returns its secret. Stytch cannot show the secret again.

        Args:
            scopes: The scopes that the client may ask for; may be empty.
            client_id: An id of your own, for example for an import. Default: the server chooses
            one.
            client_secret: A secret of your own, at least 8 characters. Default: the server's. With
                both given, a lost answer is resolved by looking the client up.
            client_name: A display name.
            client_description: A description.
            trusted_metadata: Your own data: at most 20 top-level keys and 4 KiB as JSON.
            organization_id: The organization that the client belongs to. It is stored in
                `trusted_metadata`, under the client's `organization_key`, and counts in its limits.
                A template of the project's tokens takes it from there.
            idempotent: Makes the call safe to repeat: the id and the secret that are not given are
                made here, and a client that is there already, with this id, secret, name, scopes
                and organization, is a success too. Two calls of yours make two clients, unless both
                name the same `client_id` and `client_secret`.

        Raises:
            OutcomeUnknownError: The answer was lost: the client may or may not be there.
        """
        secret = _native.Hidden(client_secret)
        del client_secret
        return self._native.create(
            scopes,
            client_id,
            secret,
            client_name,
            client_description,
            trusted_metadata,
            organization_id,
            idempotent,
        ).wait()

    def get(self, *, client_id: str) -> ClientResponse:
        """Reads one client."""
        return self._native.get(client_id).wait()

    def search(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        query: SearchQuery | None = None,
        organization_id: str | None = None,
    ) -> SearchResponse:
        """Finds clients; returns one page.

        Args:
            cursor: The `next_cursor` of the previous page. Default: the first page.
            limit: Clients a page, 1 to 1,000. Default: 100.
            query: The filters. Default: none.
            organization_id: The organization whose clients to find. Stytch cannot filter by it, so
                this library does: the page has only those of its clients that belong to the
                organization, perhaps none, and `total` is unknown. Pages then have 1,000 clients
                at Stytch, unless `limit` is set.
        """
        return self._native.search(cursor, limit, query, organization_id).wait()

    def search_all(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        query: SearchQuery | None = None,
        organization_id: str | None = None,
    ) -> Iterator[M2MClient]:
        """Finds clients, fetching page after page as they are asked for.

        With `organization_id` it reads the clients of the other organizations, too, because Stytch
        cannot filter by it; at the end the log says how many pages that were.
        """
        return _each(self._native.search_all(cursor, limit, query, organization_id))

    def update(
        self,
        *,
        client_id: str,
        client_name: str | None = None,
        client_description: str | None = None,
        status: ClientStatus | None = None,
        scopes: Sequence[str] | None = None,
        trusted_metadata: dict[str, Any] | None = None,
        organization_id: str | None = None,
    ) -> ClientResponse:
        """Changes only the given fields.

        Args:
            client_id: Which client.
            client_name: A new name.
            client_description: A new description.
            status: Activates or deactivates the client.
            scopes: The new scopes, which replace all existing ones.
            trusted_metadata: Merged at the top level; a key with the value `None` is removed.
            organization_id: The new organization of the client. To remove it, set its key in
                `trusted_metadata` to `None`. Existing tokens keep the old one until they expire.
        """
        return self._native.update(
            client_id,
            client_name,
            client_description,
            status,
            scopes,
            trusted_metadata,
            organization_id,
        ).wait()

    def delete(self, *, client_id: str) -> DeleteResponse:
        """Deletes a client. Its existing tokens stay valid until they expire."""
        return self._native.delete(client_id).wait()


def _each(pages: _native.SearchAll) -> Iterator[M2MClient]:
    while (page := pages.next_page().wait()) is not None:
        yield from page


class M2M(VerifierMixin):
    """Machine-to-machine authentication: clients, tokens, verification."""

    clients: Clients
    """Manages M2M clients."""

    def __init__(self, core: _native.Client) -> None:
        self._native = core
        self._verifier = core.verifier()
        self.clients = Clients(core)

    def token(
        self,
        *,
        client_id: str,
        client_secret: str,
        scopes: Sequence[str] = (),
        resource: str | Sequence[str] = (),
        audience: str | None = None,
        extra: Mapping[str, str] | None = None,
        force_refresh: bool = False,
    ) -> Token:
        """An access token by the client-credentials grant (RFC 6749, section 4.4): from the cache
        while it is fresh, and with one request for all concurrent callers.

        Args:
            client_id: The M2M client's id.
            client_secret: Its secret.
            scopes: The scopes to request. Default: all scopes of the client.
            resource: The services that the token is for (RFC 8707): one URI, or several.
            audience: The audience that the token is for, where a server has this parameter.
            extra: Further parameters, which a custom-claims template can read.
            force_refresh: Fetch a new token even if a cached one is fresh.
        """
        secret, hidden_extra = _native.Hidden(client_secret), _native.Hidden(extra)
        del client_secret, extra
        grant = (
            client_id,
            secret,
            scopes,
            [resource] if isinstance(resource, str) else resource,
            audience,
            hidden_extra,
            force_refresh,
        )
        return self._native.cached_token(grant) or self._native.token(grant).wait()

    def invalidate_token(self, access_token: str) -> None:
        """Says that a server refused `access_token`: the next `token` that would have returned it
        fetches another."""
        token = _native.Hidden(access_token)
        del access_token
        self._native.invalidate_token(token)


class Client(BaseClient, CloseMixin):
    """A project's M2M API. Make one and share it: it is safe to use from any thread, and after a
    fork."""

    m2m: M2M
    """The API."""
    _api = M2M


class B2BClient(Client):
    """A `Client` of a B2B SaaS project."""

    _vertical: Vertical = "b2b"


class TokenSource(BaseTokenSource, CloseMixin):
    """Access tokens for one M2M client, cached and refreshed ahead. It needs no project secret."""

    def get_token(self) -> Token:
        """A fresh token: from the cache, or from the server with one request however many ask."""
        return self._get_token()

    def authorization_header(self) -> str:
        """The value of an `Authorization` header, `Bearer ...`, with a fresh token."""
        return f"Bearer {self.get_token().access_token}"


class TokenVerifier(BaseTokenVerifier, VerifierMixin, CloseMixin):
    """Verifies access tokens of a project, or of several issuers. Needs no secret."""

    def close(self) -> None:
        """Lets go of connections and caches. Calls after it raise `RuntimeError`."""
        self._verifier.close()
