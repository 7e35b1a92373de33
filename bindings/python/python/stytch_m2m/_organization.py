"""The organization-scoped M2M API that products put before their own clients."""

from __future__ import annotations

from . import _native
from ._async_client import AsyncCloseMixin
from ._asyncio import run
from ._base import Unique, complete
from ._client import CloseMixin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._models import CacheStats, Token
    from ._types import TransportSettings


class BaseOrganizationClient(Unique):
    """The base of `OrganizationClient` and `AsyncOrganizationClient`."""

    _native: _native.OrganizationClient
    _shown = ""

    def __init__(
        self, *, base_url: str, authorization: str, **transport: Unpack[TransportSettings]
    ) -> None:
        """Names the API, and the right to use it.

        Args:
            base_url: The API's host, such as `https://api.example.com`.
            authorization: The whole value of the `Authorization` header, such as `Bearer ...`.
            **transport: How requests are sent; see `TransportSettings`.
        """
        hidden, settings = _native.Hidden(authorization), _native.Hidden(transport)
        del authorization, transport
        self._native = _native.OrganizationClient(base_url, hidden, complete(self, settings))
        self._shown = f"base_url={base_url!r}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._shown})"

    def stats(self) -> CacheStats:
        """What its cache of tokens did so far."""
        return self._native.stats()


class OrganizationClient(BaseOrganizationClient, CloseMixin):
    """For customers of a product that gives each organization one M2M client, by an API on the
    product's own host (`/m2m/client-id` and so on); who talks to Stytch itself needs a `Client`.
    The client's secret can be read, and rotates without an overlap."""

    def client_id(self) -> str:
        """Returns the organization's client id."""
        return self._native.client_id().wait()

    def client_secret(self) -> str:
        """Returns the client's secret."""
        return self._native.client_secret().wait()

    def token(self, *, force_refresh: bool = False) -> Token:
        """An access token, cached like every other. The credential is read first, once, and again
        when the server refuses it, as it does after somebody else rotated.

        Args:
            force_refresh: Fetch a new token even if a cached one is fresh.

        Raises:
            AuthenticationError: The `authorization` or the credential is refused.
        """
        token = None if force_refresh else self._native.cached_token()
        return token or self._native.token(force_refresh).wait()

    def rotate(self) -> str:
        """Replaces the secret, and returns the new one. The old one is refused from now on, so
        every other holder of it must be given the new one; this client takes it up by itself.

        Raises:
            OutcomeUnknownError: The answer was lost: read the secret and compare.
        """
        return self._native.rotate().wait()


class AsyncOrganizationClient(BaseOrganizationClient, AsyncCloseMixin):
    """As `OrganizationClient`, for asyncio."""

    async def client_id(self) -> str:
        """Returns the organization's client id."""
        return await run(self._native.client_id())

    async def client_secret(self) -> str:
        """Returns the client's secret."""
        return await run(self._native.client_secret())

    async def token(self, *, force_refresh: bool = False) -> Token:
        """As `OrganizationClient.token`."""
        token = None if force_refresh else self._native.cached_token()
        return await run(self._native.token(force_refresh)) if token is None else token

    async def rotate(self) -> str:
        """As `OrganizationClient.rotate`."""
        return await run(self._native.rotate())
