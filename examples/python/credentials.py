"""Where a client's secret can come from: each `[name]` to `[end]` is on a page of the guide."""

import json
import os
from urllib.request import Request, urlopen

from stytch_m2m import SecretSource, TokenSource


def file(client_id: str, path: str) -> TokenSource:
    # [file]
    # Read again when it changes, and when the server refuses the secret.
    source = TokenSource(client_id=client_id, client_secret=SecretSource.file(path))
    source.get_token()
    # [end]
    return source


def kubernetes(client_id: str, token_url: str, path: str) -> TokenSource:
    # [kubernetes]
    # No secret: the pod's projected service account token says who it is. Its volume has
    # `audience: <token_url>`; Kubernetes replaces the file before the token in it expires.
    source = TokenSource(
        token_url=token_url,
        client_id=client_id,
        client_assertion=SecretSource.file(path),  # /var/run/secrets/tokens/stytch-m2m
    )
    source.get_token()
    # [end]
    return source


def vault(client_id: str) -> TokenSource:
    # [vault]
    def from_vault() -> str:
        url = f"{os.environ['VAULT_ADDR']}/v1/secret/data/billing"
        request = Request(url, headers={"X-Vault-Token": os.environ["VAULT_TOKEN"]})
        with urlopen(request, timeout=5) as response:
            secret: str = json.load(response)["data"]["data"]["client_secret"]
        return secret

    # Called at first use, and again when the server refuses the secret.
    source = TokenSource(client_id=client_id, client_secret=from_vault)
    source.get_token()
    # [end]
    return source


def aws(client_id: str) -> TokenSource:
    # [aws]
    import boto3  # AWS_DEFAULT_REGION, and the credentials of the pod, function or machine

    manager = boto3.client("secretsmanager")

    def from_aws() -> str:
        secret: str = manager.get_secret_value(SecretId="billing")["SecretString"]
        return secret

    # Called at first use, and again when the server refuses the secret.
    source = TokenSource(client_id=client_id, client_secret=from_aws)
    source.get_token()
    # [end]
    return source


def rotation(client_id: str, path: str, next_path: str) -> TokenSource:
    # [rotation]
    # Of the two secrets of a rotation, the one that is not refused is used.
    source = TokenSource(
        client_id=client_id,
        client_secret=SecretSource.file(path),
        next_client_secret=SecretSource.file(next_path),
    )
    source.get_token()
    # [end]
    return source


def private_key(client_id: str, token_url: str, path: str) -> TokenSource:
    # [private_key]
    # private_key_jwt: each request has a fresh assertion, signed with this key.
    source = TokenSource(
        token_url=token_url,
        client_id=client_id,
        private_key=SecretSource.file(path),  # PEM or JWK
        signing_algorithm="ES256",
        key_id="2026-11",
    )
    source.get_token()
    # [end]
    return source
