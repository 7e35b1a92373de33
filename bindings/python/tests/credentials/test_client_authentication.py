"""How a client proves who it is, by each method."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt_signing
import pytest
import trustme
from billing_client import Kind, refetch
from stytch_m2m import AuthenticationError, Secret, SecretSource, TokenSource, TokenVerifier
from stytch_m2m.testing import Emulator
from support import answer, serving

AUDIENCE = "https://token.example.com"


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
async def test_the_secret_is_sent_as_the_method_says(
    method: Any, emulator: Emulator, kind: Kind
) -> None:
    client_id, secret = "odd:id", "odd+secret%&=1"
    seed = {"client_id": client_id, "client_secret": secret, "scopes": []}
    emulator.load({"clients": [{**seed, "token_endpoint_auth_methods": [method]}]})
    server = {"project_id": emulator.project_id, "base_url": emulator.base_url}
    right = kind(client_id=client_id, client_secret=secret, client_auth=method, **server)
    assert (await answer(right.get_token())).access_token
    others = {"client_secret_post", "client_secret_basic"} - {method}
    wrong = kind(client_id=client_id, client_secret=secret, client_auth=others.pop(), **server)
    with pytest.raises(AuthenticationError):
        await answer(wrong.get_token())


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "ES384", "EdDSA"])
@pytest.mark.parametrize("form", ["pem", "jwk", "file"])
def test_a_private_key_signs(algorithm: Any, form: str, emulator: Emulator, tmp_path: Path) -> None:
    key = jwt_signing.Key(algorithm)
    emulator.load({"clients": [{"client_id": "signer", "jwks": {"keys": [key.public_jwk]}}]})
    (tmp_path / "key.pem").write_text(key.pem)
    private: dict[str, Secret] = {
        "pem": key.pem,
        "jwk": json.dumps(key.private_jwk),
        "file": SecretSource.file(tmp_path / "key.pem"),
    }
    server = {"project_id": emulator.project_id, "base_url": emulator.base_url}
    named = {} if form == "jwk" else {"key_id": key.kid, "signing_algorithm": algorithm}
    source = TokenSource(client_id="signer", private_key=private[form], **named, **server)
    token = source.get_token().access_token
    verifier = TokenVerifier(**server)
    assert verifier.authenticate_token(access_token=token).client_id == "signer"


def test_an_assertion_of_the_platform_is_read_before_each_request(
    emulator: Emulator, tmp_path: Path
) -> None:
    """As with a projected service account token, which is replaced every hour."""
    key = jwt_signing.Key("ES256")
    issuer, subject = "https://kubernetes.default.svc", "system:serviceaccount:default:job"
    federated = {
        "issuer": issuer,
        "subject": subject,
        "audience": AUDIENCE,
        "jwks": {"keys": [key.public_jwk]},
    }
    emulator.load({"clients": [{"client_id": "job", "federated_credentials": [federated]}]})
    file = tmp_path / "token"

    def project() -> None:
        file.write_text(key.sign({"iss": issuer, "sub": subject, "aud": AUDIENCE}))

    project()
    source = TokenSource(
        client_id="job",
        client_assertion=SecretSource.file(file),
        project_id=emulator.project_id,
        base_url=emulator.base_url,
    )
    first = source.get_token().access_token
    project()
    source.invalidate(first)
    assert source.get_token()
    # The emulator takes an assertion once.
    requests = emulator.requests(operation="token")
    assert [request["status"] for request in requests] == [200, 200]


async def test_a_client_certificate_from_a_file_is_the_credential(
    kind: Kind, tmp_path: Path
) -> None:
    """`tls_client_auth`: the connection says who it is, and no secret is sent."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    own = authority.issue_cert("job.example.com").private_key_and_cert_chain_pem
    (tmp_path / "own.pem").write_bytes(own.bytes())
    sent: list[dict[str, list[str]]] = []

    def respond(_: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        sent.append(parse_qs(body.decode()))
        token = {"access_token": "opaque", "token_type": "Bearer", "expires_in": 60}
        return 200, {"Content-Type": "application/json"}, json.dumps(token).encode()

    with serving(respond, context) as base_url:
        source = kind(
            token_url=f"{base_url}/token",
            client_id="job",
            client_auth="tls_client_auth",
            client_certificate_pem=SecretSource.file(tmp_path / "own.pem"),
            extra_ca_pem=authority.cert_pem.bytes().decode(),
        )
        assert (await answer(source.get_token())).access_token == "opaque"
    assert sent == [{"grant_type": ["client_credentials"], "client_id": ["job"]}]


async def test_an_assertion_is_exchanged_without_a_client(emulator: Emulator, kind: Kind) -> None:
    """The JWT bearer grant (RFC 7523, section 2.1), with an assertion that a function signs."""
    key = jwt_signing.Key("RS256")
    issuer, subject = "https://platform.example.com", "job-7"
    keys = {"keys": [key.public_jwk]}
    federated = {"issuer": issuer, "subject": subject, "audience": AUDIENCE, "jwks": keys}
    emulator.load({"clients": [{"client_id": "job", "federated_credentials": [federated]}]})
    source = kind(
        assertion=lambda: key.sign({"iss": issuer, "sub": subject, "aud": AUDIENCE}),
        project_id=emulator.project_id,
        base_url=emulator.base_url,
    )
    await refetch(source)
    requests = emulator.requests(operation="token")
    assert [request["status"] for request in requests] == [200, 200]
