"""Issuers, token endpoints and protected resources that are found by their metadata."""

from __future__ import annotations

import json
from typing import Any

import pytest
from billing_client import ID, SECRET, Kind
from stytch_m2m import (
    AsyncClient,
    Client,
    InvalidConfigError,
    IssuerConfig,
    KeysUnavailableError,
    M2MClientWithClientSecret,
    NotFoundError,
    ProtectedResource,
    StytchM2MError,
    TokenVerifier,
)
from stytch_m2m.testing import Emulator
from support import answer, serving


def test_an_issuer_is_known_by_its_name_alone(emulator: Emulator) -> None:
    emulator.load({"token_settings": {"custom_domain": True, "custom_audience": "api"}})
    issuer = IssuerConfig.discover(issuer=emulator.base_url, audiences=["api"])
    token = emulator.issue_token("billing")
    verifier = TokenVerifier(issuers=[issuer])
    assert verifier.authenticate_token(access_token=token).issuer == emulator.base_url
    unknown = IssuerConfig.discover(issuer=f"{emulator.base_url}/other", audiences=["api"])
    with pytest.raises(KeysUnavailableError):
        TokenVerifier(issuers=[unknown]).warm_up()


async def test_a_resource_leads_to_the_issuers_of_its_tokens() -> None:
    place = "/.well-known/oauth-protected-resource/orders"

    def respond(request: Any, _: bytes) -> tuple[int, dict[str, str], bytes]:
        origin = f"http://{request.headers['Host']}"
        if request.path == place:
            servers = ["https://issuer.example.com"]
            metadata = {"resource": f"{origin}/orders", "authorization_servers": servers}
            return 200, {}, json.dumps({**metadata, "scopes_supported": ["a:b"]}).encode()
        return 404, {}, b""

    with serving(respond) as base_url:
        url, challenge = f"{base_url}/orders", f'Bearer resource_metadata="{base_url}{place}"'
        found = ProtectedResource.discover(url=url, www_authenticate=[challenge])
        assert found == await ProtectedResource.discover_async(url=url)
        assert (found.resource, found.scopes) == (url, ["a:b"])
        assert found.authorization_servers == ["https://issuer.example.com"]
        with pytest.raises(StytchM2MError):
            elsewhere = 'Bearer resource_metadata="http://127.0.0.1:1/metadata"'
            ProtectedResource.discover(url=url, www_authenticate=[elsewhere])
        with pytest.raises(NotFoundError):
            ProtectedResource.discover(url=f"{base_url}/other")
    with pytest.raises(TypeError, match=r"ProtectedResource\.discover\(\) got an unexpected"):
        ProtectedResource.discover(url=url, time_out=3)  # type: ignore[call-arg]


async def test_an_issuer_leads_to_the_token_endpoint(emulator: Emulator, kind: Kind) -> None:
    """And to the method: the first of those that the server offers."""
    client = {"client_id": ID, "client_secret": SECRET, "scopes": ["a:b"]}
    emulator.load({"clients": [client], "token_settings": {"custom_domain": True}})
    source = kind(
        issuer=emulator.base_url,
        client_id=ID,
        client_secret=SECRET,
        resource=["https://orders.example.com", "https://invoices.example.com"],
        audience="api",
    )
    token = (await answer(source.get_token())).access_token
    issuer = IssuerConfig.discover(issuer=emulator.base_url, audiences=["api"])
    claims = TokenVerifier(issuers=[issuer]).authenticate_token(access_token=token)
    assert {"https://orders.example.com", "https://invoices.example.com"} <= {*claims.audience}
    with pytest.raises(InvalidConfigError):
        kind(issuer=emulator.base_url, token_url=f"{emulator.base_url}/token", client_id=ID)


async def test_a_clients_token_may_be_for_a_resource(
    any_client: Client | AsyncClient, credential: M2MClientWithClientSecret
) -> None:
    grant = {"client_id": credential.client_id, "client_secret": credential.client_secret}
    for resource in ("https://orders.example.com", ["https://orders.example.com"]):
        token = await answer(any_client.m2m.token(**grant, resource=resource, audience="api"))
        claims = await answer(any_client.m2m.authenticate_token(access_token=token.access_token))
        assert {"https://orders.example.com", "api"} <= {*claims.audience}
    other = await answer(any_client.m2m.token(**grant))
    assert other.access_token != token.access_token, "another token for another purpose"
    assert any_client.stats().tokens.misses == 2
    with pytest.raises(InvalidConfigError, match="resource"):
        await answer(any_client.m2m.token(**grant, resource="orders"))
