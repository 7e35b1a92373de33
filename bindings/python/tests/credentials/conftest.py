"""An emulator for these tests, with one client in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from billing_client import ID, SECRET, Kind
from stytch_m2m import AsyncTokenSource, TokenSource
from stytch_m2m.testing import Emulator


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture(params=[TokenSource, AsyncTokenSource])
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def server(emulator: Emulator) -> dict[str, Any]:
    """The arguments that name the emulator, with one client in it."""
    emulator.load({"clients": [{"client_id": ID, "client_secret": SECRET, "scopes": ["a:b"]}]})
    return {"project_id": emulator.project_id, "base_url": emulator.base_url}
