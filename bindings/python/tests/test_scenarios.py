"""Every scenario of `tests/scenarios`, as its README describes them, with either client."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import json
import os
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stytch_m2m import (
    ANY_ORGANIZATION,
    AsyncClient,
    AsyncOrganizationClient,
    AsyncTokenSource,
    Client,
    OrganizationClient,
    StytchM2MError,
    Token,
    TokenClaims,
    TokenSource,
)
from support import DIRECT

FOLDER = Path(__file__).parents[3] / "tests" / "scenarios"
SETTINGS = ("project_id", "secret", "base_url")
STEP = {"call", "with", "repeat", "concurrently", "result", "error", "save"}
SCENARIO = {"name", "settings", "source", "organization", "steps", "hits"}
TOKEN = ("access_token", "token_type", "status_code")
CLAIMS = ("client_id", "scopes", "custom_claims", "issuer", "audience", "organization")
ERROR = (
    *("code", "field", "status_code", "request_id", "error_type", "error_message", "error_url"),
    *("reason", "claim", "missing_scopes", "recovery"),
)


@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_every_scenario_goes_as_written(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    emulator = {name: os.environ[f"SCENARIOS_{name.upper()}"] for name in SETTINGS}
    played, failures = 0, []
    for path in sorted(FOLDER.glob("*.json")):
        file = json.loads(path.read_text(encoding="utf-8"))
        assert file.keys() == {"about", "seed", "scenarios"}, path.name
        for scenario in file["scenarios"]:
            played += 1
            try:
                await play(World(kind, emulator, file["seed"], scenario), scenario)
            except AssertionError as failure:
                failures.append(f"{path.name}, {scenario['name']}: {failure}")
    with capsys.disabled():
        print(f"\nscenarios: {played} cases ({kind})")
    assert played >= 80, "scenarios are missing"
    assert not failures, "\n".join(failures)


async def play(world: World, scenario: dict[str, Any]) -> None:
    assert scenario.keys() <= SCENARIO, "an unknown member"
    saved = {"project_id": world.project_id}
    for number, step in enumerate(scenario["steps"], start=1):
        place = f"step {number}, {step['call']}"
        assert step.keys() <= STEP, f"{place}: an unknown member"
        assert not ("result" in step and "error" in step), place
        for outcome in await perform(world, step, saved):
            check(outcome, step, saved, place)
        for name, path in step.get("save", {}).items():
            value = outcome
            for member in path.split("."):
                value = value[member]
            assert isinstance(value, str), f"{place}: {path} is no string"
            saved[name] = value
    counts = world.admin("GET", "/_emulator/counts")
    assert {name: count for name, count in counts.items() if count} == scenario["hits"]
    await world.close()


async def perform(world: World, step: dict[str, Any], saved: dict[str, str]) -> list[Any]:
    def call() -> Any:
        return world.call(step["call"], filled(step.get("with", {}), saved))

    if count := step.get("concurrently"):
        return await asyncio.gather(*(call() for _ in range(count)))
    return [await call() for _ in range(step.get("repeat", 1))]


def check(outcome: Any, step: dict[str, Any], saved: dict[str, str], place: str) -> None:
    wanted = step.get("error")
    if isinstance(outcome, StoreFailed):
        assert wanted == {"code": "store_failed"}, place
        return
    if isinstance(outcome, StytchM2MError):
        assert wanted is not None, f"{place}: {outcome!r}"
        got = {name: getattr(outcome, name) for name in ERROR}
        got["retry_after"] = outcome.retry_after_seconds
        got["refusal"] = outcome.refusal and dataclasses.asdict(outcome.refusal)
        assert wanted.keys() <= got.keys(), f"{place}: an unknown member"
        outcome = got
    else:
        assert wanted is None, f"{place}: no error, where {wanted} was due"
        wanted = step.get("result")
        if "result" not in step:
            return
    wanted = filled(wanted, saved)
    assert matches(outcome, wanted), f"{place}: {outcome}, not {wanted}"


def matches(got: Any, wanted: Any) -> bool:
    """Objects may have more than what is wanted, arrays may not."""
    if isinstance(wanted, dict):
        return isinstance(got, dict) and all(matches(got.get(k), v) for k, v in wanted.items())
    if isinstance(wanted, list):
        return isinstance(got, list) and len(got) == len(wanted) and all(map(matches, got, wanted))
    return bool(got == wanted and isinstance(got, bool) == isinstance(wanted, bool))


def filled(value: Any, saved: dict[str, str]) -> Any:
    """`value` with the saved values in place of their `${name}`."""
    if isinstance(value, dict):
        return {name: filled(member, saved) for name, member in value.items()}
    if isinstance(value, list):
        return [filled(item, saved) for item in value]
    if isinstance(value, str):
        for name, replacement in saved.items():
            value = value.replace(f"${{{name}}}", replacement)
        assert "${" not in value, f"nothing is saved under the name in {value}"
    return value


class StoreFailed(Exception):
    """The runner's own."""


class World:
    """One scenario's objects, and the emulator as it begins."""

    def __init__(
        self, kind: str, emulator: dict[str, str], seed: Any, scenario: dict[str, Any]
    ) -> None:
        self.is_async = kind == "async"
        self.project_id = emulator["project_id"]
        self._url = emulator["base_url"]
        settings = {**emulator, **scenario.get("settings", {})}
        self._client: Any = (AsyncClient if self.is_async else Client)(**settings)
        self._open = [self._client]
        m2m = self._client.m2m
        self._calls: dict[str, Callable[..., Any]] = {
            "admin": self.admin,
            "token": m2m.token,
            "authenticate_token": authenticating(m2m.authenticate_token),
            **{f"clients.{name}": getattr(m2m.clients, name) for name in CLIENTS},
            **{f"secrets.{name}": getattr(m2m.clients.secrets, name) for name in SECRETS},
        }
        if credential := scenario.get("source"):
            settings.pop("secret")
            make: Any = AsyncTokenSource if self.is_async else TokenSource
            source = make(**settings, **credential)
            self._open.append(source)
            self._calls["source.get_token"] = source.get_token
            self._calls["source.invalidate"] = source.invalidate
        if authorization := scenario.get("organization"):
            settings = {k: v for k, v in settings.items() if k not in ("project_id", "secret")}
            make = AsyncOrganizationClient if self.is_async else OrganizationClient
            organization = make(**settings, **authorization)
            self._open.append(organization)
            self._calls["organization.token"] = organization.token
            for name, shown in ORGANIZATION.items():
                call = getattr(organization, name)
                self._calls[f"organization.{name}"] = self._named(call, shown)
        self._calls["secrets.rotate_with"] = self._rotate_with
        self.admin("PUT", "/_emulator/seed", seed)
        self.admin("POST", "/_emulator/keys/retire")

    def _named(self, call: Callable[[], Any], name: str) -> Callable[[], Any]:
        """A call whose result is shown as a member."""

        async def named() -> Any:
            return {name: await call()}

        return named if self.is_async else lambda: {name: call()}

    def _rotate_with(self, client_id: str, store_fails: bool = False) -> Any:
        stored: list[str] = []

        def store(secret: str) -> None:
            if store_fails:
                raise StoreFailed
            stored.append(secret)

        def shown(answer: Any) -> Any:
            return {**dataclasses.asdict(answer), "stored": stored[0]}

        rotate_with = self._client.m2m.clients.secrets.rotate_with

        async def rotated() -> Any:
            return shown(await rotate_with(client_id=client_id, store=store))

        if self.is_async:
            return rotated()
        return shown(rotate_with(client_id=client_id, store=store))

    async def call(self, name: str, arguments: dict[str, Any]) -> Any:
        call = self._calls[name]
        try:
            if self.is_async:
                return plain(await answered(call(**arguments)))
            return await asyncio.to_thread(lambda: plain(call(**arguments)))
        except (StytchM2MError, StoreFailed) as error:
            return error

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        """Asks the emulator, whose answer must be a success."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._url + path, data, headers, method=method)
        with DIRECT.open(request, timeout=10) as response:
            return json.loads(response.read() or "null")

    async def close(self) -> None:
        for opened in self._open:
            await answered(opened.aclose() if self.is_async else opened.close())


ORGANIZATION = {
    "client_id": "client_id",
    "client_secret": "client_secret",
    "rotate": "client_secret",
}
CLIENTS = ("create", "get", "search", "search_all", "update", "delete")
SECRETS = ("rotate_start", "rotate", "rotate_cancel", "recover_rotation", "rotate_finish")


async def answered(value: Any) -> Any:
    if hasattr(value, "__aiter__"):
        return [item async for item in value]
    return await value if inspect.isawaitable(value) else value


def plain(value: Any) -> Any:
    """A result under the API's names, with the members that scenarios may look at."""
    if isinstance(value, Token):
        return {name: getattr(value, name) for name in TOKEN}
    if isinstance(value, TokenClaims):
        return {name: getattr(value, name) for name in CLAIMS}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return (
        list(map(plain, value)) if hasattr(value, "__next__") or isinstance(value, list) else value
    )


def authenticating(authenticate_token: Any) -> Any:
    """`authorize` is what the function returns that decides in place of the scope comparison."""

    def call(*, authorize: bool | None = None, **arguments: Any) -> Any:
        decide = None if authorize is None else lambda _claims, _required: authorize
        if arguments.get("organization") == {"any": True}:
            arguments["organization"] = ANY_ORGANIZATION
        return authenticate_token(authorize=decide, **arguments)

    return call
