"""One customer's token tries every endpoint of tenants.py with every id of the other."""

import asyncio
import copy
import importlib
import sys
from collections.abc import Callable
from itertools import product
from types import ModuleType
from typing import Any

import httpx
import pytest
from stytch_m2m import Client
from stytch_m2m.testing import Emulator

TEMPLATE = '{ "org_id": {{ client.trusted_metadata.organization_id }} }'
SCOPES = ["read:invoices", "write:invoices"]
CUSTOMERS = ["acme", "globex"]
# What the caller may add to a token request, hoping that it lands in the token.
HOPES = [{}, *({name: "OTHER"} for name in ("organization_id", "org_id", "organization"))]
HOPES += [{"client.trusted_metadata.organization_id": "OTHER"}, {"trusted_metadata": "OTHER"}]


@pytest.fixture
def tenants(stytch_m2m_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The service, as it starts: the environment names the emulator."""
    stytch_m2m_emulator.set_token_settings({"custom_claims_template": TEMPLATE})
    monkeypatch.delitem(sys.modules, "tenants", raising=False)
    return importlib.import_module("tenants")


Ask = Callable[..., httpx.Response]


@pytest.fixture
def ask(tenants: ModuleType) -> Ask:
    """Makes a request with this token."""

    def ask(method: str, url: str, token: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}

        async def request() -> httpx.Response:
            transport = httpx.ASGITransport(tenants.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
                return await client.request(method, url, headers=headers, **options)

        return asyncio.run(request())

    return ask


def tokens(customer: str | None, other: str) -> list[str]:
    """Every token that this customer's client can get."""
    client = Client()
    made = client.m2m.clients.create(scopes=SCOPES, organization_id=customer).m2m_client
    return [
        client.m2m.token(
            client_id=made.client_id,
            client_secret=made.client_secret,
            extra={name: value.replace("OTHER", other) for name, value in hope.items()},
        ).access_token
        for hope in HOPES
    ]


def endpoints(tenants: ModuleType) -> list[tuple[str, str]]:
    paths = tenants.app.openapi()["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods]


@pytest.mark.parametrize(("customer", "other"), [("acme", "globex"), ("globex", "acme")])
def test_a_token_reaches_no_data_of_another_customer(
    tenants: ModuleType, ask: Ask, customer: str, other: str
) -> None:
    before = copy.deepcopy(tenants.invoices[other])
    secret = set(before.values())
    tried = 0
    spellings = [other, other.upper(), f"{other} ", f"{other}%2F..%2F{customer}", f"..%2F{other}"]
    spellings += [f"{customer},{other}", f"{customer}%00{other}", f"{other}%20", f"%2e%2e/{other}"]
    for token, (method, path) in product(tokens(customer, other), endpoints(tenants)):
        for organization, number in product([*spellings, customer], ["1", "2", "3"]):
            url = path.replace("{organization}", organization).replace("{number}", number)
            response = ask(
                method,
                url,
                token,
                params={"text": "stolen", "organization": other, "organization_id": other},
                headers={"X-Organization": other, "X-Organization-Id": other},
            )
            tried += 1
            if organization != customer and "{organization}" in path:
                assert response.status_code in (403, 404), (method, url)
            assert response.status_code in (200, 403, 404), (method, url)
            assert not any(text in response.text for text in secret), (method, url)
    assert tenants.invoices[other] == before
    assert tried >= 900


@pytest.mark.parametrize("customer", CUSTOMERS)
def test_a_token_reaches_its_own_data(tenants: ModuleType, ask: Ask, customer: str) -> None:
    token = tokens(customer, "")[0]
    base = f"/organizations/{customer}/invoices"
    assert ask("GET", base, token).json() == tenants.invoices[customer]
    assert ask("GET", "/invoices", token).json() == tenants.invoices[customer]
    assert ask("PUT", f"{base}/9", token, params={"text": "new"}).status_code == 200
    assert ask("GET", f"{base}/9", token).json() == "new"
    assert ask("DELETE", f"{base}/9", token).status_code == 200
    assert ask("GET", f"{base}/9", token).status_code == 404


def test_a_client_without_a_customer_reaches_nothing(
    tenants: ModuleType, ask: Ask, stytch_m2m_emulator: Emulator
) -> None:
    token = stytch_m2m_emulator.issue_token("internal", scopes=SCOPES)
    for method, path in endpoints(tenants):
        for organization in [*CUSTOMERS, "None", "null", "%20"]:
            url = path.replace("{organization}", organization).replace("{number}", "1")
            response = ask(method, url, token, params={"text": "x"})
            assert response.status_code == 403, (method, url)


def test_a_template_of_the_callers_words_would_let_it_in(
    ask: Ask, stytch_m2m_emulator: Emulator
) -> None:
    """Why the template takes `client.trusted_metadata`: `request` is the caller's own word."""
    template = TEMPLATE.replace("client.trusted_metadata", "request")
    stytch_m2m_emulator.set_token_settings({"custom_claims_template": template})
    client = Client()
    made = client.m2m.clients.create(scopes=SCOPES, organization_id="acme").m2m_client
    token = client.m2m.token(
        client_id=made.client_id,
        client_secret=made.client_secret,
        extra={"organization_id": "globex"},
    ).access_token
    assert ask("GET", "/organizations/globex/invoices", token).status_code == 200
