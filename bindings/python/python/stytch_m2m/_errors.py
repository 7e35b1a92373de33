"""One base class, and a subclass for each of the core's codes."""

from __future__ import annotations

from ._process import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, ClassVar

    from ._models import Refusal
    from ._types import InvalidTokenReason


class StytchM2MError(Exception):
    """Base of all errors of this package.

    Branch on the class or on `code`; the message is for people. No error ever holds a token, a
    secret, a claim's value or a response body. An attribute is `None` where it does not apply.
    """

    code: ClassVar[str]
    """The stable code, the same in every language."""

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        status_code: int | None = None,
        request_id: str | None = None,
        error_type: str | None = None,
        error_message: str | None = None,
        error_url: str | None = None,
        retry_after_seconds: float | None = None,
        reason: InvalidTokenReason | None = None,
        claim: str | None = None,
        missing_scopes: Sequence[str] = (),
        recovery: str | None = None,
        is_transient: bool = False,
        http_status: int = 500,
        www_authenticate: str | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        """What was wrong and what to do."""
        self.field = field
        """`invalid_config`: the wrong argument or setting."""
        self.status_code = status_code
        """The HTTP status of the response."""
        self.request_id = request_id
        """The server's id of the request, for a support ticket."""
        self.error_type = error_type
        """Stytch's `error_type`, or the `error` of OAuth 2.0."""
        self.error_message = error_message
        """The server's explanation."""
        self.error_url = error_url
        """Where the server documents the error."""
        self.retry_after_seconds = retry_after_seconds
        """How long to wait before the next attempt."""
        self.reason = reason
        """`invalid_token`: why, as in `expired` or `signature_invalid`."""
        self.claim = claim
        """`invalid_token`: the name of the wrong claim."""
        self.missing_scopes: list[str] = list(missing_scopes)
        """`insufficient_scope`: the required scopes that the token does not grant."""
        self.recovery = recovery
        """What to do next, after `outcome_unknown` and after a rotation that could not be ended."""
        self.is_transient = is_transient
        """Whether the same call may succeed later although nothing is changed: a rate limit, an
        outage, no answer. Wait for `retry_after_seconds`, or back off, before the next call. False
        for `outcome_unknown`, whose call may have been carried out: see `recovery`."""
        self.http_status = http_status
        """What to answer your own caller when verification failed: 401, 403 or 503; else 500."""
        self.www_authenticate = www_authenticate
        """The `WWW-Authenticate` header to go with `http_status` 401 and 403 (RFC 6750)."""
        self.refusal = refusal
        """The whole answer to your own caller when verification failed: status, headers and body.
        `None` if the error is not about the caller's token: answer 500 then."""

    def __str__(self) -> str:
        return f"{self.message} (request_id {self.request_id})" if self.request_id else self.message

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        fields = dict(vars(self))
        return _rebuild, (type(self), fields.pop("message"), fields)


def _rebuild(kind: type[StytchM2MError], message: str, fields: dict[str, Any]) -> StytchM2MError:
    error = kind(message)
    vars(error).update(fields)
    return error


class InvalidConfigError(StytchM2MError, ValueError):
    """An argument or setting is wrong; found before any I/O. See `field`."""

    code = "invalid_config"


class AuthenticationError(StytchM2MError):
    """The credentials are wrong (HTTP 401, `invalid_client`)."""

    code = "authentication"


class PermissionDeniedError(StytchM2MError):
    """The credentials are valid, but do not permit this call (HTTP 403)."""

    code = "permission_denied"


class NotFoundError(StytchM2MError):
    """The client or the project does not exist (HTTP 404)."""

    code = "not_found"


class ConflictError(StytchM2MError):
    """The call conflicts with the current state: a taken id, a rotation under way (HTTP 409)."""

    code = "conflict"


class InvalidRequestError(StytchM2MError):
    """The API refused the request as invalid (HTTP 400)."""

    code = "invalid_request"


class RateLimitedError(StytchM2MError):
    """Too many requests (HTTP 429). See `retry_after_seconds`."""

    code = "rate_limited"


class ServiceError(StytchM2MError):
    """The API failed (HTTP 5xx)."""

    code = "service"


class NetworkError(StytchM2MError):
    """The server could not be reached, or the connection broke."""

    code = "network"


class RequestTimeoutError(StytchM2MError):
    """The response did not arrive in time."""

    code = "timeout"


class UnexpectedResponseError(StytchM2MError):
    """The response is not one of the API's: HTML, truncated JSON, a redirect."""

    code = "unexpected_response"


class OutcomeUnknownError(StytchM2MError):
    """A call that must not be repeated blindly got no answer. See `recovery`."""

    code = "outcome_unknown"


class InvalidTokenError(StytchM2MError):
    """The token is refused. See `reason`."""

    code = "invalid_token"


class InsufficientScopeError(StytchM2MError):
    """The token is valid, but lacks a required scope. See `missing_scopes`."""

    code = "insufficient_scope"


class KeysUnavailableError(StytchM2MError):
    """The key set is unavailable, so the token cannot be verified: answer 503, never 401."""

    code = "keys_unavailable"


class RequestCancelledError(StytchM2MError):
    """The caller cancelled the call."""

    code = "cancelled"


BY_CODE: dict[str, type[StytchM2MError]] = {
    kind.code: kind for kind in StytchM2MError.__subclasses__()
}

register(__name__)
