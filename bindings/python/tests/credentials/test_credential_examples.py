"""The programs of the guide's page about credentials."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import jwt_signing
import pytest
from billing_client import ID, SECRET, rotate
from stytch_m2m.testing import Emulator
from support import serving


@pytest.fixture(scope="module")
def examples() -> Any:
    path = Path(__file__).parents[4] / "examples" / "python" / "credentials.py"
    spec = importlib.util.spec_from_file_location("credentials_examples", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def environment(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, **more: str) -> None:
    for name, value in {**emulator.environ, **more}.items():
        monkeypatch.setenv(name, value)


def test_the_guides_file_and_rotation(
    examples: Any,
    emulator: Emulator,
    server: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environment(emulator, monkeypatch)
    current, following = tmp_path / "secret", tmp_path / "next"
    current.write_text(SECRET)
    source = examples.file(ID, str(current))
    following.write_text(rotate(emulator))
    examples.rotation(ID, str(current), str(following))
    current.write_text(following.read_text())
    source.invalidate(source.get_token().access_token)
    assert source.get_token()


def test_the_guides_kubernetes_and_private_key(
    examples: Any, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STYTCH_PROJECT_ID", "STYTCH_BASE_URL"):
        monkeypatch.delenv(name)
    url = f"{emulator.base_url}/v1/public/{emulator.project_id}/oauth2/token"
    cluster, own = jwt_signing.Key("RS256"), jwt_signing.Key("ES256")
    issuer, subject = "https://kubernetes.default.svc", "system:serviceaccount:default:job"
    keys = {"keys": [cluster.public_jwk]}
    federated = {"issuer": issuer, "subject": subject, "audience": url, "jwks": keys}
    own.kid = "2026-11"
    emulator.load(
        {
            "clients": [
                {"client_id": "job", "federated_credentials": [federated]},
                {"client_id": "signer", "jwks": {"keys": [own.public_jwk]}},
            ]
        }
    )
    projected, key = tmp_path / "token", tmp_path / "key"
    projected.write_text(cluster.sign({"iss": issuer, "sub": subject, "aud": url}))
    assert examples.kubernetes("job", url, str(projected))
    key.write_text(own.pem)
    assert examples.private_key("signer", url, str(key))


def test_the_guides_vault_and_aws(
    examples: Any, emulator: Emulator, server: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against servers that answer as HashiCorp's Vault and AWS Secrets Manager do."""
    stored = [SECRET]

    def vault(request: Any, _: bytes) -> tuple[int, dict[str, str], bytes]:
        assert request.path == "/v1/secret/data/billing"
        assert request.headers["X-Vault-Token"] == "hvs.token"
        data = {"data": {"data": {"client_secret": stored[-1]}}}
        return 200, {"Content-Type": "application/json"}, json.dumps(data).encode()

    def manager(request: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        assert request.headers["X-Amz-Target"] == "secretsmanager.GetSecretValue"
        assert json.loads(body) == {"SecretId": "billing"}
        headers = {"Content-Type": "application/x-amz-json-1.1"}
        return 200, headers, json.dumps({"SecretString": stored[-1]}).encode()

    with serving(vault) as vault_url, serving(manager) as aws_url:
        environment(
            emulator,
            monkeypatch,
            VAULT_ADDR=vault_url,
            VAULT_TOKEN="hvs.token",
            AWS_ENDPOINT_URL=aws_url,
            AWS_DEFAULT_REGION="eu-west-1",
            AWS_ACCESS_KEY_ID="key",
            AWS_SECRET_ACCESS_KEY="secret",
        )
        sources = [examples.vault(ID), examples.aws(ID)]
        stored.append(rotate(emulator))
        for source in sources:
            source.invalidate(source.get_token().access_token)
            assert source.get_token()
