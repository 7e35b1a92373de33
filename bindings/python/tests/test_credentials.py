"""How a client authenticates, and secrets that change under a running process."""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import json
import os
import ssl
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt_signing
import pytest
import trio
import trustme
from processes import finish, python
from stytch_m2m import (
    AsyncClient,
    AsyncTokenSource,
    AuthenticationError,
    Client,
    InvalidConfigError,
    IssuerConfig,
    KeysUnavailableError,
    M2MClientWithClientSecret,
    NetworkError,
    NotFoundError,
    ProtectedResource,
    Secret,
    SecretSource,
    StytchM2MError,
    TokenSource,
    TokenVerifier,
)
from stytch_m2m.testing import Emulator
from support import answer, serving

ID, SECRET = "billing", "billing-secret-1"
AUDIENCE = "https://token.example.com"
Kind = type[TokenSource] | type[AsyncTokenSource]


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


def rotate(emulator: Emulator, to: str | None = None) -> str:
    """Makes another secret the only one."""
    with Client(**emulator.settings) as client:
        secrets = client.m2m.clients.secrets
        new = secrets.rotate_start(client_id=ID).m2m_client.next_client_secret
        secrets.rotate(client_id=ID)
    return new


async def refetch(source: TokenSource | AsyncTokenSource) -> str:
    """Another token than the cached one."""
    source.invalidate((await answer(source.get_token())).access_token)
    return (await answer(source.get_token())).access_token


def in_file(folder: Path) -> tuple[Secret, Callable[[str], object]]:
    path = folder / "secret"
    return SecretSource.file(path), lambda secret: path.write_text(f"{secret}\n")


def in_variable(_: Path) -> tuple[Secret, Callable[[str], object]]:
    name = "CREDENTIALS_TEST_SECRET"
    return SecretSource.env(name), functools.partial(os.environ.__setitem__, name)


def in_function(_: Path) -> tuple[Secret, Callable[[str], object]]:
    vault: list[str] = []
    return lambda: vault[-1], vault.append


def in_coroutine_function(_: Path) -> tuple[Secret, Callable[[str], object]]:
    vault: list[str] = []

    async def secret() -> str:
        await asyncio.sleep(0)
        return vault[-1]

    return SecretSource.function(secret), vault.append


@pytest.mark.parametrize(
    "place", [in_file, in_variable, in_function, in_coroutine_function], ids=lambda f: f.__name__
)
async def test_a_rotated_secret_is_taken_up_without_a_restart(
    emulator: Emulator,
    server: dict[str, Any],
    kind: Kind,
    place: Callable[[Path], tuple[Secret, Callable[[str], object]]],
    tmp_path: Path,
) -> None:
    secret, store = place(tmp_path)
    store(SECRET)
    source = kind(client_id=ID, client_secret=secret, **server)
    await refetch(source)
    store(rotate(emulator))
    assert await refetch(source)


async def test_the_next_secret_takes_over_when_the_current_one_is_refused(
    emulator: Emulator, server: dict[str, Any], kind: Kind
) -> None:
    with Client(**emulator.settings) as client:
        secrets = client.m2m.clients.secrets
        new = secrets.rotate_start(client_id=ID).m2m_client.next_client_secret
        source = kind(client_id=ID, client_secret=SECRET, next_client_secret=new, **server)
        await refetch(source)
        secrets.rotate(client_id=ID)
    assert await refetch(source)


async def test_a_projects_secret_may_come_from_a_function(
    any_client: Client | AsyncClient,
) -> None:
    async def secret() -> str:
        return os.environ["STYTCH_SECRET"]

    async with AsyncClient(secret=secret) as client:
        made = (await client.m2m.clients.create(scopes=[])).m2m_client
    with Client(secret=lambda: os.environ["STYTCH_SECRET"]) as blocking:
        assert blocking.m2m.clients.delete(client_id=made.client_id)


CALLER: ContextVar[str] = ContextVar("CALLER", default="nobody")


async def test_an_asynchronous_function_runs_on_the_callers_loop_and_in_its_context(
    server: dict[str, Any],
) -> None:
    seen: list[tuple[object, str]] = []

    async def secret() -> str:
        seen.append((asyncio.get_running_loop(), CALLER.get()))
        return SECRET

    CALLER.set("asyncio")
    async with AsyncTokenSource(client_id=ID, client_secret=secret, **server) as source:
        await source.get_token()
    assert seen == [(asyncio.get_running_loop(), "asyncio")]

    # A call that blocks the loop must not wait for it.
    with TokenSource(client_id=ID, client_secret=secret, **server) as blocking:
        blocking.get_token()
    assert seen[1][0] is not asyncio.get_running_loop() and seen[1][1] == "asyncio"


def test_under_trio_an_asynchronous_function_runs_in_trio(server: dict[str, Any]) -> None:
    async def secret() -> str:
        await trio.sleep(0)
        return SECRET

    async def main() -> None:
        async with AsyncTokenSource(client_id=ID, client_secret=secret, **server) as source:
            await refetch(source)

    trio.run(main)


async def test_one_call_of_the_function_serves_all_callers(
    server: dict[str, Any],
) -> None:
    calls: list[int] = []

    async def secret() -> str:
        calls.append(1)
        await asyncio.sleep(0.05)
        return SECRET

    async with AsyncTokenSource(client_id=ID, client_secret=secret, **server) as source:
        await asyncio.gather(*(source.get_token() for _ in range(20)))
    assert len(calls) == 1


async def test_what_a_function_raises_is_named_and_not_quoted(
    server: dict[str, Any], kind: Kind
) -> None:
    def secret() -> str:
        raise PermissionError("canary-of-the-vault")

    source = kind(client_id=ID, client_secret=secret, **server)
    with pytest.raises(NetworkError, match=r"client_secret.*PermissionError") as failed:
        await answer(source.get_token())
    assert "canary" not in str(failed.value)

    source = kind(client_id=ID, client_secret=lambda: b"canary", **server)  # type: ignore[arg-type, return-value]
    with pytest.raises(NetworkError, match=r"client_secret.*TypeError") as failed:
        await answer(source.get_token())
    assert "canary" not in str(failed.value)


def test_a_file_or_variable_that_cannot_be_read_is_named(
    server: dict[str, Any], tmp_path: Path
) -> None:
    missing = SecretSource.file(tmp_path / "missing")
    with pytest.raises(InvalidConfigError, match=r"client_secret.*missing") as wrong:
        TokenSource(client_id=ID, client_secret=missing, **server).get_token()
    assert wrong.value.field == "client_secret"
    with pytest.raises(InvalidConfigError, match="UNSET_VARIABLE"):
        TokenSource(client_id=ID, client_secret=SecretSource.env("UNSET_VARIABLE"), **server)


def test_a_secret_source_shows_where_and_not_what() -> None:
    assert repr(SecretSource.file("/run/secret")) == "SecretSource.file('/run/secret')"
    assert repr(SecretSource.env("NAME")) == "SecretSource.env('NAME')"
    assert repr(SecretSource.value("canary")) == "SecretSource.value(<hidden>)"
    assert repr(SecretSource.function(lambda: "canary")) == "SecretSource.function(<hidden>)"
    with pytest.raises(TypeError, match=r"SecretSource\.file"):
        SecretSource()
    with pytest.raises(TypeError, match="must be a function, not str"):
        SecretSource.function("canary")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"client_secret": b"canary"}, "client_secret.*must be a str, not bytes"),
        ({"client_secret": 7}, "client_secret.*a str, a SecretSource or a function, not int"),
        ({"private_key": ["canary"]}, "private_key.*a str, a SecretSource or a function, not list"),
        ({"client_secret": "s", "key_id": 7}, "key_id"),
    ],
)
def test_wrong_types_are_named(
    settings: dict[str, Any], says: str, server: dict[str, Any], kind: Kind
) -> None:
    with pytest.raises(TypeError, match=says) as wrong:
        kind(client_id=ID, **settings, **server)
    assert "canary" not in str(wrong.value)


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


PROGRAM = """
import sys
from stytch_m2m import TokenSource
with TokenSource() as source:
    assert source.get_token().access_token
    print(source)
"""


@pytest.mark.parametrize("form", ["value", "file"])
def test_a_source_takes_everything_from_the_environment(
    form: str,
    emulator: Emulator,
    server: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("STYTCH_SECRET", "STYTCH_BASE_URL", "STYTCH_PROJECT_ID"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("STYTCH_CLIENT_ID", ID)
    url = f"{emulator.base_url}/v1/public/{emulator.project_id}/oauth2/token"
    monkeypatch.setenv("STYTCH_TOKEN_URL", url)
    if form == "value":
        monkeypatch.setenv("STYTCH_CLIENT_SECRET", SECRET)
    else:
        (tmp_path / "secret").write_text(SECRET)
        monkeypatch.setenv("STYTCH_CLIENT_SECRET_FILE", str(tmp_path / "secret"))
    assert finish(python(PROGRAM)) == "TokenSource(client_id='billing')\n"
    # Arguments win.
    with pytest.raises(AuthenticationError):
        TokenSource(client_id=ID, client_secret="wrong-secret-1").get_token()


def test_a_function_that_hangs_ends_with_the_process() -> None:
    script = """
        import threading, time
        from stytch_m2m import StytchM2MError, TokenSource
        source = TokenSource(
            client_id="a", client_secret=lambda: time.sleep(3), attempt_timeout_seconds=0.2
        )
        try:
            source.get_token()
        except StytchM2MError as error:
            print(error.code)
    """
    assert finish(python(script)) == "timeout\n"


def test_threads_share_a_function(server: dict[str, Any]) -> None:
    calls: list[int] = []

    def secret() -> str:
        calls.append(1)
        return SECRET

    with TokenSource(client_id=ID, client_secret=secret, **server) as source:
        threads = [threading.Thread(target=source.get_token) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert source.stats().failures == 0
    assert len(calls) == 1


@pytest.fixture(scope="module")
def examples() -> Any:
    path = Path(__file__).parents[3] / "examples" / "python" / "credentials.py"
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
