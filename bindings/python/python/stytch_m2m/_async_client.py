"""The asynchronous classes, for asyncio: the same shape as the synchronous ones.

A call that needs no waiting, such as a verification with keys at hand, is made at once, without
leaving the event loop's thread. Any other runs outside it.
"""

from __future__ import annotations

from . import _native
from ._asyncio import run
from ._base import BaseClient, BaseTokenSource, BaseTokenVerifier, BaseVerifier, Unique
from ._errors import StytchM2MError
from ._required_organization import UNCHECKED, native_organization
from ._rotation import still_under_way

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
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
    from ._types import AsyncAuthorize, ClientStatus, SearchQuery, Vertical


class AsyncCloseMixin:
    """An asynchronous context manager that closes at its end."""

    _native: Any

    async def aclose(self) -> None:
        """As `Client.close`."""
        self._native.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


class AsyncVerifierMixin(BaseVerifier):
    """Verifies tokens."""

    async def authenticate_token(
        self,
        *,
        access_token: str,
        required_scopes: Sequence[str] = (),
        organization: str | AnyOrganization = UNCHECKED,
        max_token_age_seconds: int | None = None,
        clock_tolerance_seconds: int = 0,
        authorize: AsyncAuthorize | None = None,
    ) -> TokenClaims:
        """As `Client.m2m.authenticate_token`. Never blocks the event loop to fetch keys."""
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
            claims = await run(self._verifier.authenticate_token(token, options))
        if authorize is not None:
            verdict = authorize(claims, required_scopes)
            if not isinstance(verdict, bool) and hasattr(verdict, "__await__"):
                verdict = await verdict
            if verdict is not True:
                raise _native.insufficient_scope(claims.missing_scopes(required_scopes))
        return claims

    async def warm_up(self) -> None:
        """As `Client.m2m.warm_up`."""
        await run(self._verifier.warm_up())


class AsyncSecrets(Unique):
    """Rotation of a client's secret in two phases: both secrets work until the rotation ends."""

    def __init__(self, core: _native.Client) -> None:
        self._native = core

    async def rotate_start(self, *, client_id: str) -> RotateStartResponse:
        """Starts a rotation. The answer is the only sight of the next secret."""
        return await run(self._native.rotate_start(client_id))

    async def rotate(self, *, client_id: str) -> ClientResponse:
        """Ends a rotation: the next secret becomes the only one."""
        return await run(self._native.rotate(client_id))

    async def rotate_cancel(self, *, client_id: str) -> ClientResponse:
        """Drops the next secret: the current one stays the only one."""
        return await run(self._native.rotate_cancel(client_id))

    async def recover_rotation(self, *, client_id: str) -> RotateStartResponse:
        """As `Client.m2m.clients.secrets.recover_rotation`."""
        return await run(self._native.recover_rotation(client_id))

    async def rotate_finish(self, *, client_id: str, next_client_secret: str) -> ClientResponse:
        """As `Client.m2m.clients.secrets.rotate_finish`."""
        secret = _native.Hidden(next_client_secret)
        del next_client_secret
        return await run(self._native.rotate_finish(client_id, secret))

    async def rotate_with(
        self, *, client_id: str, store: Callable[[str], object | Awaitable[object]]
    ) -> ClientResponse:
        """As `Client.m2m.clients.secrets.rotate_with`; `store` may be a coroutine function."""
        started = (await self.rotate_start(client_id=client_id)).m2m_client
        try:
            stored = store(started.next_client_secret)
            if hasattr(stored, "__await__"):
                await stored
        except BaseException:
            try:
                await self.rotate_cancel(client_id=client_id)
            except StytchM2MError as error:
                still_under_way(error)
            raise
        return await self.rotate_finish(
            client_id=client_id, next_client_secret=started.next_client_secret
        )


class AsyncClients(Unique):
    """The project's M2M clients. Needs the project's secret."""

    secrets: AsyncSecrets
    """Rotation of M2M clients' secrets."""

    def __init__(self, core: _native.Client) -> None:
        self._native = core
        self.secrets = AsyncSecrets(core)

    async def create(
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
        """As `Client.m2m.clients.create`."""
        secret = _native.Hidden(client_secret)
        del client_secret
        call = self._native.create(
            scopes,
            client_id,
            secret,
            client_name,
            client_description,
            trusted_metadata,
            organization_id,
            idempotent,
        )
        return await run(call)

    async def get(self, *, client_id: str) -> ClientResponse:
        """Reads one client."""
        return await run(self._native.get(client_id))

    async def search(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        query: SearchQuery | None = None,
        organization_id: str | None = None,
    ) -> SearchResponse:
        """As `Client.m2m.clients.search`."""
        return await run(self._native.search(cursor, limit, query, organization_id))

    def search_all(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        query: SearchQuery | None = None,
        organization_id: str | None = None,
    ) -> AsyncIterator[M2MClient]:
        """Finds clients, fetching page after page as they are asked for."""
        return _each(self._native.search_all(cursor, limit, query, organization_id))

    async def update(
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
        """As `Client.m2m.clients.update`."""
        call = self._native.update(
            client_id,
            client_name,
            client_description,
            status,
            scopes,
            trusted_metadata,
            organization_id,
        )
        return await run(call)

    async def delete(self, *, client_id: str) -> DeleteResponse:
        """Deletes a client. Its existing tokens stay valid until they expire."""
        return await run(self._native.delete(client_id))


async def _each(pages: _native.SearchAll) -> AsyncIterator[M2MClient]:
    while (page := await run(pages.next_page())) is not None:
        for client in page:
            yield client


class AsyncM2M(AsyncVerifierMixin):
    """Machine-to-machine authentication: clients, tokens, verification."""

    clients: AsyncClients
    """Manages M2M clients."""

    def __init__(self, core: _native.Client) -> None:
        self._native = core
        self._verifier = core.verifier()
        self.clients = AsyncClients(core)

    async def token(
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
        """As `Client.m2m.token`."""
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
        token = self._native.cached_token(grant)
        return await run(self._native.token(grant)) if token is None else token

    def invalidate_token(self, access_token: str) -> None:
        """As `Client.m2m.invalidate_token`."""
        token = _native.Hidden(access_token)
        del access_token
        self._native.invalidate_token(token)


class AsyncClient(BaseClient, AsyncCloseMixin):
    """A project's M2M API, for asyncio. Make one and share it: it is bound to no event loop."""

    m2m: AsyncM2M
    """The API."""
    _api = AsyncM2M


class AsyncB2BClient(AsyncClient):
    """An `AsyncClient` of a B2B SaaS project."""

    _vertical: Vertical = "b2b"


class AsyncTokenSource(BaseTokenSource, AsyncCloseMixin):
    """Access tokens for one M2M client, cached and refreshed ahead. It needs no project secret."""

    async def get_token(self) -> Token:
        """As `TokenSource.get_token`."""
        return await self._get_token_async()

    async def authorization_header(self) -> str:
        """The value of an `Authorization` header, `Bearer ...`, with a fresh token."""
        return f"Bearer {(await self.get_token()).access_token}"


class AsyncTokenVerifier(BaseTokenVerifier, AsyncVerifierMixin, AsyncCloseMixin):
    """Verifies access tokens of a project, or of several issuers. Needs no secret."""

    async def aclose(self) -> None:
        """As `TokenVerifier.close`."""
        self._verifier.close()
