"""Stytch's M2M API on this machine, for tests: no network, no account.

    with Emulator() as emulator:
        client = Client(**emulator.settings)

Under pytest the fixture `stytch_m2m_emulator` is there without an import.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict
from urllib.parse import urlencode

from ._base import Unique
from ._native import Hidden

__all__ = ["Emulator", "ProjectSettings"]

PROGRAM = "stytch-m2m-emulator"
_SETTINGS = ("project_id", "secret", "base_url")
_STOP_SECONDS = 10


class ProjectSettings(TypedDict):
    """What a `Client` takes to reach an emulator."""

    project_id: str
    """The project's id."""
    secret: str
    """The project's secret."""
    base_url: str
    """The API's address."""


class Emulator(Unique):
    """A server of this process's own, on a free port of loopback. Starts when made, and stops at
    the end of a `with` block, at `stop`, or with this process."""

    project_id: str
    """The project's id."""
    secret: str
    """The project's secret."""
    base_url: str
    """Where it is: `http://127.0.0.1:...`."""

    def __init__(
        self,
        *,
        project_id: str | None = None,
        secret: str | None = None,
        seed: Mapping[str, Any] | None = None,
        program: str | os.PathLike[str] | None = None,
    ) -> None:
        """Starts it, and waits until it answers.

        Args:
            project_id: A test project's id. Default: a random one.
            secret: The project's secret. Default: a random one.
            seed: The clients, token settings and Auth0 tenant to start with, as in the emulator's
                README.
            program: The emulator. Default: what `STYTCH_M2M_EMULATOR` names, or else the program
                of the package `stytch-m2m-emulator`, or the one of this name on the search path.

        Raises:
            FileNotFoundError: There is no emulator. The message says how to get it.
            RuntimeError: It did not start.
            ValueError: The seed breaks a rule.
        """
        given = {
            "STYTCH_EMULATOR_PROJECT_ID": Hidden(project_id),
            "STYTCH_EMULATOR_SECRET": Hidden(secret),
        }
        hidden_seed = Hidden(seed)
        del secret, seed
        self._process = _start(_program(program), given)
        try:
            self._read_settings()
            if hidden_seed.reveal() is not None:
                self._ask("PUT", "seed", hidden_seed)
        except BaseException:
            self.stop()
            raise

    def _read_settings(self) -> None:
        assert self._process.stdout is not None
        for name in _SETTINGS:
            said = Hidden(self._process.stdout.readline().strip().partition("=")[::2])
            if said.reveal()[0] != f"STYTCH_{name.upper()}":
                raise RuntimeError(f"the emulator did not start: {self._complaint()}")
            setattr(self, name, said.reveal()[1])

    def _complaint(self) -> str:
        _, complaint = self._process.communicate(timeout=_STOP_SECONDS)
        return complaint.strip()

    def stop(self) -> None:
        """Stops it. Once is enough, twice does no harm."""
        process = self._process
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def __enter__(self) -> Emulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        shown = (f"{name}={vars(self).get(name)!r}" for name in ("project_id", "base_url"))
        return f"Emulator({', '.join(shown)})"

    @property
    def settings(self) -> ProjectSettings:
        """The arguments of a `Client`: `Client(**emulator.settings)`."""
        return {"project_id": self.project_id, "secret": self.secret, "base_url": self.base_url}

    @property
    def environ(self) -> dict[str, str]:
        """The same as the environment variables of a service."""
        return {f"STYTCH_{name.upper()}": getattr(self, name) for name in _SETTINGS}

    def counts(self) -> dict[str, int]:
        """Requests by operation (`token`, `jwks`, `create`, ...), since the start or a reset."""
        counts: dict[str, int] = self._ask("GET", "counts")
        return counts

    def token_requests(self, client_id: str) -> int:
        """Token requests that named this client."""
        return int(self._ask("GET", "counts", client_id=client_id)["token"])

    def requests(
        self, *, operation: str | None = None, client_id: str | None = None
    ) -> list[dict[str, Any]]:
        """The requests that came in, the oldest first, without their headers and bodies."""
        asked = self._ask("GET", "requests", operation=operation, client_id=client_id)
        requests: list[dict[str, Any]] = asked["requests"]
        return requests

    def add_fault(
        self,
        effect: Mapping[str, Any],
        *,
        operation: str | None = None,
        times: int | None = None,
        seconds: int | None = None,
    ) -> None:
        """Breaks an endpoint, or all: once, or so many times, or for so long.

        Args:
            effect: `{"type": "status", "status": 503}` with `headers` and `body` at will;
                `{"type": "delay", "milliseconds": 500}`; `{"type": "change_body"}` with `set` and
                `remove`; or of the type `reset`, `drop_answer` or `malformed_body`.
            operation: The endpoint, as `counts` calls it.
            times: How many requests it meets.
            seconds: How long it lasts.
        """
        fault = {"operation": operation, "times": times, "seconds": seconds}
        given = {name: value for name, value in fault.items() if value is not None}
        self._ask("POST", "faults", {"effect": effect, **given})

    def clear_faults(self) -> None:
        """Clears all faults."""
        self._ask("DELETE", "faults")

    def set_rate_limit(self, limit: Mapping[str, int] | None) -> None:
        """Answers 429 to what exceeds this rate, at each endpoint.

        Args:
            limit: `{"requests": 10, "per_seconds": 1}`; `None` lifts the limit.
        """
        if limit is None:
            self._ask("DELETE", "rate-limit")
        else:
            self._ask("PUT", "rate-limit", limit)

    def set_token_settings(self, settings: Mapping[str, Any]) -> None:
        """Changes how tokens are made: `lifetime_seconds`, `custom_claims_template`,
        `custom_audience`, `custom_domain`, `changes`. What is absent gets its default."""
        self._ask("PUT", "token-settings", settings)

    def issue_token(
        self,
        client_id: str,
        *,
        scopes: Sequence[str] | None = None,
        extra: Mapping[str, Any] | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> str:
        """A token without a request for it: valid, or wrong in any way.

        Args:
            client_id: The subject. No client needs to have this id.
            scopes: Default: those of the client.
            extra: Parameters for the custom-claims template.
            changes: `issued_at_offset_seconds` (-7200 makes it expired), `claims`, `header`, and
                `signature`, which is `valid`, `corrupted` or `unknown_key`.
        """
        request = {"scopes": scopes, "extra": extra, "changes": changes}
        given = {name: value for name, value in request.items() if value is not None}
        return str(self._ask("POST", "tokens", {"client_id": client_id, **given})["access_token"])

    def rotate_keys(self) -> None:
        """Signs with a new key from now on. The key sets serve it beside the old ones."""
        self._ask("POST", "keys/rotate")

    def retire_keys(self) -> None:
        """Serves the current key alone: tokens of the old ones no longer verify."""
        self._ask("POST", "keys/retire")

    def credentials(self) -> dict[str, Any]:
        """What it takes to use the organization-scoped API and Auth0's."""
        credentials: dict[str, Any] = self._ask("GET", "credentials")
        return credentials

    def load(self, seed: Mapping[str, Any]) -> None:
        """Starts over with this seed."""
        hidden = Hidden(seed)
        del seed
        self._ask("PUT", "seed", hidden)

    def reset(self) -> None:
        """Starts over with the same seed. Project, secret and signing keys stay."""
        self._ask("POST", "reset")

    def _ask(self, method: str, path: str, body: Any = None, **query: str | None) -> Any:
        given = urlencode({name: value for name, value in query.items() if value is not None})
        url = f"{self.base_url}/_emulator/{path}?{given}"
        status, reply = _send(method, url, body if isinstance(body, Hidden) else Hidden(body))
        if status >= 400:
            raise ValueError(json.loads(reply.reveal())["error_message"])
        return json.loads(reply.reveal() or "null")


def _send(method: str, url: str, body: Hidden[Any]) -> tuple[int, Hidden[bytes]]:
    """The status and the body of the answer. Of an exception, it keeps no frame: those of
    `urllib` hold the request."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}), _AnyStatus)
    try:
        with direct.open(_request(method, url, body), timeout=_STOP_SECONDS) as response:
            return response.status, Hidden(response.read())
    except OSError as error:
        failure = ConnectionError(f"the emulator does not answer: {error}")
    raise failure


def _request(method: str, url: str, body: Hidden[Any]) -> urllib.request.Request:
    data = None if body.reveal() is None else json.dumps(body.reveal()).encode()
    headers = {"Content-Type": "application/json"}
    return urllib.request.Request(url, data, headers, method=method)


class _AnyStatus(urllib.request.HTTPErrorProcessor):
    """Takes every status for an answer."""

    def http_response(self, _: Any, response: Any) -> Any:
        """Called by urllib."""
        return response


def _start(program: str, given: Mapping[str, Hidden[str | None]]) -> subprocess.Popen[str]:
    """Starts the program. Of an exception, it keeps no frame: those of `subprocess` hold the
    environment."""
    try:
        return subprocess.Popen(
            [program, "--exit-with-stdin"],
            env=_environment(given),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    except OSError as error:
        failure = error.with_traceback(None)
    raise failure


def _environment(given: Mapping[str, Hidden[str | None]]) -> dict[str, str]:
    """What the environment says is meant for the service under test."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("STYTCH_")}
    return {**inherited, **{k: v for k, hidden in given.items() if (v := hidden.reveal())}}


def _program(given: str | os.PathLike[str] | None) -> str:
    named = given or os.environ.get("STYTCH_M2M_EMULATOR")
    if named:
        found = shutil.which(named)
    else:
        package = sysconfig.get_path("scripts")
        found = shutil.which(PROGRAM, path=package) or shutil.which(PROGRAM)
    if found is None:
        raise FileNotFoundError(
            f"there is no program {named or PROGRAM}: get it with `pip install {PROGRAM}`, or from"
            " a checkout of stytch-m2m with `pip install ./bindings/python/emulator` or"
            " `cargo install --path emulator`; or name it in STYTCH_M2M_EMULATOR"
        )
    return found
