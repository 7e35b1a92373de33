"""The package has all of `tests/surface.json`, in its synchronous and its asynchronous classes."""

from __future__ import annotations

import dataclasses
import inspect
import json
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import stytch_m2m
from stytch_m2m import StytchM2MError, _base, _errors, _native

SURFACE = json.loads((Path(__file__).parents[3] / "tests" / "surface.json").read_text())
DURATIONS = {"connect_timeout", "attempt_timeout", "total_timeout", "max_key_age", "age"}
DURATIONS |= {"retry_after", "max_token_age", "max_token_lifetime", "clock_tolerance"}


def translated(names: list[str], of: str = "") -> set[str]:
    """The core's names as Python's: durations have their unit, an issuer's keys two arguments."""
    python = {f"{name}_seconds" if name in DURATIONS else name for name in names}
    if of == "IssuerConfig" and "keys" in python:
        python = python - {"keys"} | {"jwks_url", "jwks"}
        python |= {"discovery"} if "issuers" in python else set()
    return python


def classes(name: str) -> dict[str, Any]:
    """Where a type of the core has its operations, here."""
    client: Any = getattr(stytch_m2m, "Client" if not name else "AsyncClient")(project_id="p")
    asynchronous = "Async" if name else ""
    return {
        "Client": client.m2m,
        "Clients": client.m2m.clients,
        "Secrets": client.m2m.clients.secrets,
        "IssuerConfig": stytch_m2m.IssuerConfig,
    } | {
        kind: getattr(stytch_m2m, asynchronous + kind)
        for kind in ("TokenSource", "TokenVerifier", "OrganizationClient")
    }


@pytest.mark.parametrize("kind", ["", "Async"])
def test_operations(kind: str) -> None:
    places = classes(kind)
    assert places.keys() == SURFACE["operations"].keys()
    for place, operations in SURFACE["operations"].items():
        for name, arguments in operations.items():
            if place == "Client" and name in ("project_id", "stats"):
                assert hasattr(getattr(stytch_m2m, f"{kind}Client"), name)
                continue
            parameters = inspect.signature(getattr(places[place], name)).parameters
            expected = translated(arguments, place)
            assert parameters.keys() - {"self"} == expected, f"{place}.{name}"
    for name, arguments in SURFACE["functions"].items():
        parameters = inspect.signature(getattr(stytch_m2m, name)).parameters
        assert list(parameters) == arguments


def test_methods_of_records() -> None:
    for name, methods in SURFACE["methods"].items():
        for method, arguments in methods.items():
            parameters = inspect.signature(getattr(getattr(stytch_m2m, name), method)).parameters
            assert list(parameters) == ["self", *arguments]


@pytest.mark.parametrize("kind", ["", "Async"])
def test_settings(kind: str) -> None:
    settings = dict(SURFACE["settings"])
    transport = translated(settings.pop("transport"))
    assert transport == stytch_m2m.TransportSettings.__optional_keys__ == set(_base.TRANSPORT)
    settings["Client"] = [name for name in settings["Client"] if name != "vertical"]
    assert issubclass(getattr(stytch_m2m, f"{kind}B2BClient"), getattr(stytch_m2m, f"{kind}Client"))
    for name, arguments in settings.items():
        parameters = inspect.signature(getattr(stytch_m2m, kind + name)).parameters
        # A verifier of one project can be had without naming its issuer.
        more = {"project_id", "base_url", "vertical"} if name == "TokenVerifier" else set()
        expected = translated(arguments) | more | {"transport"}
        assert parameters.keys() - {"self"} == expected


def test_records() -> None:
    for name, fields in SURFACE["records"].items():
        record = getattr(stytch_m2m, name)
        if dataclasses.is_dataclass(record):
            names = {field.name for field in dataclasses.fields(record)}
            assert names == translated(fields, name), name
        else:
            assert get_type_hints(record).keys() == set(fields), name


def test_values() -> None:
    for name, values in SURFACE["values"].items():
        if name == "SearchFilter":
            hints = get_type_hints(stytch_m2m.SearchFilter)
            assert list(get_args(hints["filter_name"])) == values
        else:
            assert list(get_args(getattr(stytch_m2m, name))) == values


def test_errors() -> None:
    errors = SURFACE["errors"]
    assert list(dict(_native.sample_errors())) == errors["codes"]
    assert set(_errors.BY_CODE) == set(errors["codes"])
    details = vars(StytchM2MError("message")).keys() | {"code"}
    assert details == translated(errors["details"])
    assert list(get_args(stytch_m2m.InvalidTokenReason)) == errors["invalid_token_reasons"]
