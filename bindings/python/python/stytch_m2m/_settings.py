"""What the synchronous and the asynchronous classes share: their settings.

To make one does no I/O.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from . import _core
from ._models import IssuerConfig, Vertical


class ProjectSettings:
    """Settings of `Client` and `AsyncClient`."""

    _vertical: Vertical = "consumer"

    def __init__(
        self,
        *,
        project_id: str | None = None,
        secret: str | None = None,
        base_url: str | None = None,
        connect_timeout_seconds: float | None = None,
        attempt_timeout_seconds: float | None = None,
        total_timeout_seconds: float | None = None,
    ) -> None:
        """What is not given comes from the environment, or is the default.

        Args:
            project_id: The project's id. Default: `STYTCH_PROJECT_ID`.
            secret: The project's secret, which management calls need. Default: `STYTCH_SECRET`.
            base_url: Your custom domain, or an emulator. Default: `STYTCH_BASE_URL`, or Stytch's
                live or test host, by the project id.
            connect_timeout_seconds: Until a connection stands. Default: 3.
            attempt_timeout_seconds: Until one attempt has its whole answer. Default: 10.
            total_timeout_seconds: Until the call returns, with all its attempts. Default: 30.
        """
        timeouts = (connect_timeout_seconds, attempt_timeout_seconds, total_timeout_seconds)
        self._core = _core.Client(project_id, secret, base_url, self._vertical, timeouts)
        self._shown = f"project_id={self._core.project_id!r}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._shown})"


class SourceSettings:
    """Settings of `TokenSource` and `AsyncTokenSource`."""

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        scopes: Sequence[str] = (),
        extra: Mapping[str, str] | None = None,
        project_id: str | None = None,
        base_url: str | None = None,
        token_url: str | None = None,
        connect_timeout_seconds: float | None = None,
        attempt_timeout_seconds: float | None = None,
        total_timeout_seconds: float | None = None,
    ) -> None:
        """Names the credential, and the server that takes it.

        Args:
            client_id: The M2M client's id.
            client_secret: Its secret.
            scopes: The scopes to ask for. Default: all that the client has.
            extra: Further parameters, such as `audience`.
            project_id: The project whose token endpoint is asked. Default: `STYTCH_PROJECT_ID`.
            base_url: As for `Client`.
            token_url: Another server's token endpoint, in place of `project_id` and `base_url`.
            connect_timeout_seconds: As for `Client`; so are the other two.
        """
        timeouts = (connect_timeout_seconds, attempt_timeout_seconds, total_timeout_seconds)
        self._core = _core.TokenSource(
            client_id,
            client_secret,
            scopes,
            dict(extra or {}),
            project_id,
            base_url,
            token_url,
            timeouts,
        )
        self._shown = f"client_id={client_id!r}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._shown})"

    def invalidate(self, access_token: str) -> None:
        """Says that a server refused `access_token`: unless a newer one is there already, the next
        call fetches."""
        self._core.invalidate(access_token)


class VerifierSettings:
    """Settings of `TokenVerifier` and `AsyncTokenVerifier`."""

    def __init__(
        self,
        *,
        project_id: str | None = None,
        base_url: str | None = None,
        vertical: Vertical = "consumer",
        issuers: Sequence[IssuerConfig] | None = None,
        connect_timeout_seconds: float | None = None,
        attempt_timeout_seconds: float | None = None,
        total_timeout_seconds: float | None = None,
    ) -> None:
        """Names one project, or with `issuers` several issuers in its place.

        Args:
            project_id: The project's id. Default: `STYTCH_PROJECT_ID`.
            base_url: As for `Client`.
            vertical: Stytch's product line.
            issuers: The issuers whose tokens are accepted.
            connect_timeout_seconds: As for `Client`; so are the other two.
        """
        timeouts = (connect_timeout_seconds, attempt_timeout_seconds, total_timeout_seconds)
        if issuers is None:
            self._verifier = _core.TokenVerifier.of_project(
                project_id, base_url, vertical, timeouts
            )
        elif project_id is None and base_url is None:
            self._verifier = _core.TokenVerifier(issuers, timeouts)
        else:
            raise TypeError("give project_id and base_url, or issuers: IssuerConfig.stytch(...)")
