"""The native module. Private: what it offers is in `stytch_m2m`."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar, final

from . import _models as models
from ._errors import StytchM2MError

__all__ = [
    "Call",
    "Client",
    "SearchAll",
    "Task",
    "Token",
    "TokenClaims",
    "TokenSource",
    "TokenVerifier",
    "__version__",
    "auth0_issuer",
    "insufficient_scope",
    "sample_errors",
    "shut_down",
    "stytch_issuer",
    "token_from_authorization_header",
]

__version__: str

_T = TypeVar("_T")
_Timeouts = tuple[float | None, float | None, float | None]
_Verification = tuple[Sequence[str], int | None, int, bool]

@final
class Call(Generic[_T]):
    def wait(self) -> _T: ...
    def poll(self) -> _T | None: ...
    def start(self, done: Callable[[_T | None, Exception | None], object]) -> Task: ...

@final
class Task:
    def cancel(self) -> None: ...

@final
class Client:
    def __new__(
        cls,
        project_id: str | None,
        secret: str | None,
        base_url: str | None,
        vertical: str,
        timeouts: _Timeouts,
    ) -> Client: ...
    @property
    def project_id(self) -> str: ...
    def verifier(self) -> TokenVerifier: ...
    def close(self) -> None: ...
    def token(
        self,
        client_id: str,
        client_secret: str,
        scopes: Sequence[str],
        extra: dict[str, str],
        force_refresh: bool,
    ) -> Call[models.Token]: ...
    def create(
        self,
        scopes: Sequence[str],
        client_id: str | None,
        client_secret: str | None,
        client_name: str | None,
        client_description: str | None,
        trusted_metadata: dict[str, Any] | None,
    ) -> Call[models.CreateResponse]: ...
    def get(self, client_id: str) -> Call[models.ClientResponse]: ...
    def search(
        self, cursor: str | None, limit: int | None, query: models.SearchQuery | None
    ) -> Call[models.SearchResponse]: ...
    def search_all(self, limit: int | None, query: models.SearchQuery | None) -> SearchAll: ...
    def update(
        self,
        client_id: str,
        client_name: str | None,
        client_description: str | None,
        status: str | None,
        scopes: Sequence[str] | None,
        trusted_metadata: dict[str, Any] | None,
    ) -> Call[models.ClientResponse]: ...
    def delete(self, client_id: str) -> Call[models.DeleteResponse]: ...
    def rotate_start(self, client_id: str) -> Call[models.RotateStartResponse]: ...
    def rotate(self, client_id: str) -> Call[models.ClientResponse]: ...
    def rotate_cancel(self, client_id: str) -> Call[models.ClientResponse]: ...

@final
class SearchAll:
    def next_page(self) -> Call[list[models.M2MClient] | None]: ...

@final
class TokenSource:
    def __new__(
        cls,
        client_id: str,
        client_secret: str,
        scopes: Sequence[str],
        extra: dict[str, str],
        project_id: str | None,
        base_url: str | None,
        token_url: str | None,
        timeouts: _Timeouts,
    ) -> TokenSource: ...
    def close(self) -> None: ...
    def try_get_token(self) -> models.Token | None: ...
    def get_token(self) -> Call[models.Token]: ...
    def invalidate(self, access_token: str) -> None: ...

@final
class TokenVerifier:
    def __new__(
        cls,
        issuers: Sequence[models.IssuerConfig],
        timeouts: _Timeouts,
        clock: int | None = None,
    ) -> TokenVerifier: ...
    @staticmethod
    def of_project(
        project_id: str | None, base_url: str | None, vertical: str, timeouts: _Timeouts
    ) -> TokenVerifier: ...
    def close(self) -> None: ...
    def try_authenticate_token(
        self, access_token: str, options: _Verification
    ) -> models.TokenClaims | None: ...
    def authenticate_token(
        self, access_token: str, options: _Verification
    ) -> Call[models.TokenClaims]: ...
    def warm_up(self) -> Call[None]: ...

@final
class Token:
    @property
    def access_token(self) -> str: ...
    @property
    def token_type(self) -> str: ...
    @property
    def expires_in(self) -> int: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def granted_scopes(self) -> list[str] | None: ...
    @property
    def request_id(self) -> str | None: ...
    @property
    def status_code(self) -> int: ...

@final
class TokenClaims:
    @property
    def client_id(self) -> str: ...
    @property
    def scopes(self) -> list[str]: ...
    @property
    def custom_claims(self) -> dict[str, Any]: ...
    @property
    def issuer(self) -> str: ...
    @property
    def audience(self) -> list[str]: ...
    @property
    def issued_at(self) -> datetime | None: ...
    @property
    def not_before(self) -> datetime | None: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def token_id(self) -> str | None: ...

def auth0_issuer(domain: str, audience: str) -> models.IssuerConfig: ...
def insufficient_scope() -> StytchM2MError: ...
def sample_errors() -> list[tuple[str, StytchM2MError]]: ...
def shut_down() -> None: ...
def stytch_issuer(
    project_id: str, base_url: str | None, vertical_name: str
) -> models.IssuerConfig: ...
def token_from_authorization_header(value: str | None) -> str: ...
