"""Fixtures. The tests run against a real server: `cargo xtask test python` starts an emulator."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from stytch_m2m import AsyncClient, Client, M2MClientWithClientSecret

pytest.register_assert_rewrite("processes", "refusals", "support")
SETTINGS = ("STYTCH_PROJECT_ID", "STYTCH_SECRET", "STYTCH_BASE_URL")


def pytest_configure() -> None:
    missing = [name for name in SETTINGS if not os.environ.get(name)]
    if missing:
        hint = "run `cargo xtask test python`, or set them to an emulator's settings"
        pytest.exit(f"not set: {', '.join(missing)}; {hint}", returncode=2)


@pytest.fixture
def client() -> Iterator[Client]:
    with Client() as client:
        yield client


@pytest.fixture
async def async_client() -> AsyncIterator[AsyncClient]:
    async with AsyncClient() as client:
        yield client


@pytest.fixture(params=["sync", "async"])
def any_client(request: pytest.FixtureRequest) -> Client | AsyncClient:
    """Either client: `await answer(...)` takes what either gives."""
    return Client() if request.param == "sync" else AsyncClient()


@pytest.fixture
def credential(client: Client) -> Iterator[M2MClientWithClientSecret]:
    """A fresh M2M client with two scopes."""
    created = client.m2m.clients.create(scopes=["read:users", "write:users"]).m2m_client
    yield created
    client.m2m.clients.delete(client_id=created.client_id)


@pytest.fixture
def access_token(client: Client, credential: M2MClientWithClientSecret) -> str:
    """A token of `credential`."""
    token = client.m2m.token(client_id=credential.client_id, client_secret=credential.client_secret)
    return token.access_token


@pytest.fixture(params=range(8))
def refused(request: pytest.FixtureRequest) -> Any:
    """Each of the requests that a protected service must refuse."""
    from refusals import cases

    found = cases()
    assert len(found) == 8
    return found[request.param]
