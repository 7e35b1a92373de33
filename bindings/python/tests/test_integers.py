"""Integers beyond 64 bits are exact."""

from __future__ import annotations

import base64
import json
import time
from http.server import BaseHTTPRequestHandler

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from stytch_m2m import AsyncClient, Client, IssuerConfig, TokenVerifier
from support import Answer, answer, serving

INTEGERS = [2**63, 2**64, -(2**63) - 1, 10**30, -(10**30), 12345678901234567890123]


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_integers_beyond_64_bits_in_claims_are_exact() -> None:
    key = Ed25519PrivateKey.generate()
    public = base64url(key.public_key().public_bytes_raw())
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": public, "kid": "k", "alg": "EdDSA", "use": "sig"}
    issuer = IssuerConfig(
        issuers=["https://idp.example.com"],
        audiences=["api"],
        algorithms=["EdDSA"],
        jwks=json.dumps({"keys": [jwk]}),
    )
    now = int(time.time())
    claims = {
        **{"iss": "https://idp.example.com", "sub": "x", "aud": "api", "iat": now, "exp": now + 60},
        **{"client_id": "x", "big": INTEGERS, "nested": {"big": INTEGERS[0]}, "float": 1.5},
    }
    header = {"alg": "EdDSA", "typ": "at+jwt", "kid": "k"}
    parts = [base64url(json.dumps(part).encode()) for part in (header, claims)]
    signed = ".".join(parts)
    token = f"{signed}.{base64url(key.sign(signed.encode()))}"
    custom = TokenVerifier(issuers=[issuer]).authenticate_token(access_token=token).custom_claims
    assert custom["big"] == INTEGERS
    assert all(type(number) is int for number in custom["big"])
    assert custom["nested"] == {"big": INTEGERS[0]}
    assert custom["float"] == 1.5


@pytest.mark.parametrize("make", [Client, AsyncClient])
async def test_integers_beyond_64_bits_in_metadata_are_exact(
    make: type[Client] | type[AsyncClient],
) -> None:
    sent: list[dict[str, object]] = []

    def respond(_: BaseHTTPRequestHandler, body: bytes) -> Answer:
        sent.append(json.loads(body))
        client = {
            **{"client_id": "x", "client_name": "", "client_description": "", "scopes": []},
            **{"status": "active", "client_secret": "s", "client_secret_last_four": ""},
            "trusted_metadata": sent[-1]["trusted_metadata"],
        }
        reply = {"m2m_client": client, "request_id": "r", "status_code": 200}
        return 200, {"Content-Type": "application/json"}, json.dumps(reply).encode()

    metadata = {"big": INTEGERS, "small": 1, "float": 0.1, "nested": [{"big": INTEGERS[0]}]}
    with serving(respond) as base_url:
        clients = make(base_url=base_url).m2m.clients
        created = await answer(clients.create(scopes=[], trusted_metadata=metadata))
    assert sent[0]["trusted_metadata"] == metadata
    assert created.m2m_client.trusted_metadata == metadata
