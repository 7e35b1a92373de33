"""The native module. Private: what it offers is in `stytch_m2m`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import ModuleType
from typing import Any, Generic, TypeVar, final

from typing_extensions import Self, disjoint_base

from . import _models as models
from . import _types as types
from ._errors import StytchM2MError

__all__ = [
    "Call",
    "Claims",
    "Client",
    "Field",
    "Hidden",
    "OrganizationClient",
    "Origins",
    "SearchAll",
    "Task",
    "TokenSource",
    "TokenVerifier",
    "__version__",
    "after_fork",
    "auth0_issuer",
    "check_organization",
    "entra_issuer",
    "insufficient_scope",
    "missing_scopes",
    "modules",
    "oauth_issuer",
    "protected_resource",
    "provider_issuer",
    "refuses_token",
    "sample_errors",
    "shut_down",
    "stytch_issuer",
    "token_from_authorization_header",
    "token_from_authorization_headers",
]

__version__: str

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)

@final
class Hidden(Generic[_T_co]):
    def __new__(cls, value: _T_co) -> Hidden[_T_co]: ...
    def reveal(self) -> _T_co: ...

_Secret = str | Hidden[str]
_OptionalSecret = Hidden[str] | Hidden[str | None] | str | None
_TokenStore = tuple[_OptionalSecret, _OptionalSecret, bool]
_Source = Hidden[Any] | types.Secret | None
_Credential = tuple[
    str | None, _Source, _Source, _Source, str | None, str | None, str | None, _Source, _Source
]
_Transport = dict[str, Any] | Hidden[dict[str, Any]]
_Extra = Mapping[str, str] | Hidden[Mapping[str, str] | None] | None
_Grant = tuple[str, _Secret, Sequence[str], Sequence[str], str | None, _Extra, bool]
_Verification = tuple[Sequence[str], int | None, int, bool, str | None, bool]

@final
class Call(Generic[_T]):
    def wait(self) -> _T: ...
    def block(self) -> _T: ...
    def start(
        self, done: Callable[[Hidden[_T], Exception | None], object], place: object | None = None
    ) -> Task: ...

@final
class Task:
    def cancel(self) -> None: ...

@final
class Client:
    def __new__(
        cls,
        project_id: str | None,
        secret: _Source,
        base_url: str | None,
        vertical: str,
        organization_key: str | None,
        verified_token_cache_size: int,
        token_cache_capacity: int | None,
        token_store: _TokenStore,
        transport: _Transport,
    ) -> Client: ...
    @property
    def project_id(self) -> str: ...
    def verifier(self) -> TokenVerifier: ...
    def close(self) -> None: ...
    def stats(self) -> models.ClientStats: ...
    def cached_token(self, request: _Grant) -> models.Token | None: ...
    def token(self, request: _Grant) -> Call[models.Token]: ...
    def invalidate_token(self, access_token: _Secret) -> None: ...
    def create(
        self,
        scopes: Sequence[str],
        client_id: str | None,
        client_secret: _OptionalSecret,
        client_name: str | None,
        client_description: str | None,
        trusted_metadata: dict[str, Any] | None,
        organization_id: str | None,
        idempotent: bool,
    ) -> Call[models.CreateResponse]: ...
    def get(self, client_id: str) -> Call[models.ClientResponse]: ...
    def search(
        self,
        cursor: str | None,
        limit: int | None,
        query: types.SearchQuery | None,
        organization_id: str | None,
    ) -> Call[models.SearchResponse]: ...
    def search_all(
        self,
        cursor: str | None,
        limit: int | None,
        query: types.SearchQuery | None,
        organization_id: str | None,
    ) -> SearchAll: ...
    def update(
        self,
        client_id: str,
        client_name: str | None,
        client_description: str | None,
        status: str | None,
        scopes: Sequence[str] | None,
        trusted_metadata: dict[str, Any] | None,
        organization_id: str | None,
    ) -> Call[models.ClientResponse]: ...
    def delete(self, client_id: str) -> Call[models.DeleteResponse]: ...
    def rotate_start(self, client_id: str) -> Call[models.RotateStartResponse]: ...
    def rotate(self, client_id: str) -> Call[models.ClientResponse]: ...
    def rotate_cancel(self, client_id: str) -> Call[models.ClientResponse]: ...
    def recover_rotation(self, client_id: str) -> Call[models.RotateStartResponse]: ...
    def rotate_finish(
        self, client_id: str, next_client_secret: _Secret
    ) -> Call[models.ClientResponse]: ...

@final
class SearchAll:
    def next_page(self) -> Call[list[models.M2MClient] | None]: ...

@final
class OrganizationClient:
    def __new__(
        cls, base_url: str, authorization: _Secret, transport: _Transport
    ) -> OrganizationClient: ...
    def close(self) -> None: ...
    def client_id(self) -> Call[str]: ...
    def client_secret(self) -> Call[str]: ...
    def cached_token(self) -> models.Token | None: ...
    def token(self, force_refresh: bool) -> Call[models.Token]: ...
    def rotate(self) -> Call[str]: ...
    def stats(self) -> models.CacheStats: ...

@final
class TokenSource:
    def __new__(
        cls,
        client_id: str | None,
        given: _Credential,
        scopes: Sequence[str],
        resource: Sequence[str],
        audience: str | None,
        extra: _Extra,
        project_id: str | None,
        base_url: str | None,
        token_url: str | None,
        issuer: str | None,
        token_store: _TokenStore,
        transport: _Transport,
    ) -> TokenSource: ...
    @property
    def client_id(self) -> str: ...
    def close(self) -> None: ...
    def cached_token(self) -> models.Token | None: ...
    def get_token(self) -> Call[models.Token]: ...
    def stats(self) -> models.CacheStats: ...
    def invalidate(self, access_token: _Secret) -> None: ...

@final
class TokenVerifier:
    def __new__(
        cls,
        issuers: Sequence[models.IssuerConfig],
        issuer_resolver: tuple[Any, ...] | None,
        verified_token_cache_size: int,
        transport: _Transport,
        clock: int | None = None,
    ) -> TokenVerifier: ...
    @staticmethod
    def of_project(
        project_id: str | None,
        base_url: str | None,
        vertical: str,
        verified_token_cache_size: int,
        transport: _Transport,
    ) -> TokenVerifier: ...
    def close(self) -> None: ...
    def authenticate_token_now(
        self, access_token: _Secret, options: _Verification
    ) -> models.TokenClaims | None: ...
    def authenticate_token(
        self, access_token: _Secret, options: _Verification
    ) -> Call[models.TokenClaims]: ...
    def warm_up(self) -> Call[None]: ...
    def stats(self) -> models.CacheStats: ...
    def health(self) -> list[models.KeySetHealth]: ...
    def seed_jwks(self, issuer: str | None, jwks: str, fetched_at: datetime) -> None: ...
    def export_jwks(self) -> list[models.ExportedKeySet]: ...

@final
class Origins:
    def __new__(cls, origins: Sequence[str]) -> Origins: ...
    def allows(self, url: str) -> bool: ...

@disjoint_base
class Claims:
    def __new__(cls, *_args: object, **_values: object) -> Self: ...

@final
class Field:
    def __new__(cls, name: str) -> Field: ...
    def __get__(self, claims: Claims | None, owner: type | None = None, /) -> Any: ...
    def __set__(self, claims: Claims, value: object, /) -> None: ...

def after_fork() -> None: ...
def auth0_issuer(domain: str, audience: str, scope_map: dict[str, str]) -> models.IssuerConfig: ...
def check_organization(found: str | None, organization: str | None) -> None: ...
def entra_issuer(tenants: Sequence[str], audience: str) -> models.IssuerConfig: ...
def insufficient_scope(missing_scopes: Sequence[str] = ...) -> StytchM2MError: ...
def missing_scopes(
    scopes: Sequence[str], wildcard_scopes: bool, required: Sequence[str]
) -> list[str]: ...
def modules() -> dict[str, ModuleType]: ...
def provider_issuer(
    provider: str, arguments: dict[str, str], client_ids: list[str]
) -> models.IssuerConfig: ...
def oauth_issuer(
    issuer: str,
    audiences: Sequence[str],
    jwks_url: str | None,
    jwks: str | None,
    discovery: str | None,
) -> models.IssuerConfig: ...
def protected_resource(
    url: str, www_authenticate: Sequence[str], transport: _Transport
) -> Call[models.ProtectedResource]: ...
def refuses_token(status: int, www_authenticate: Sequence[str]) -> bool: ...
def sample_errors() -> list[tuple[str, StytchM2MError]]: ...
def shut_down() -> None: ...
def stytch_issuer(
    project_id: str, base_url: str | None, base_urls: Sequence[str], vertical_name: str
) -> models.IssuerConfig: ...
def token_from_authorization_header(value: str | None) -> str: ...
def token_from_authorization_headers(values: Sequence[str]) -> str: ...
