"""Bad settings and bad servers: one typed error each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from stytch_m2m import (
    AsyncClient,
    AsyncTokenSource,
    AsyncTokenVerifier,
    Client,
    InvalidConfigError,
    IssuerConfig,
    KeysUnavailableError,
    NetworkError,
    OutcomeUnknownError,
    RequestTimeoutError,
    ServiceError,
    TokenSource,
    TokenVerifier,
    UnexpectedResponseError,
)
from support import answer, closed_port, http_server, silent_server

SOURCE = {"client_id": "m2m-client-test-1", "client_secret": "secret"}
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OAUTH = {"issuers": ["https://idp.example.com"], "audiences": ["api"]}


@pytest.mark.parametrize(
    ("make", "settings", "field"),
    [
        (
            Client,
            {"project_id": "secret-test-canary", "secret": "project-test-canary"},
            "project_id",
        ),
        (AsyncClient, {"project_id": "secret-test-canary"}, "project_id"),
        (Client, {"secret": "project-test-canary"}, "secret"),
        (TokenSource, {"client_id": "secret-test-canary", "client_secret": "canary"}, "client_id"),
        (TokenSource, {**SOURCE, "client_secret": "m2m-client-test-canary"}, "client_secret"),
    ],
)
def test_an_id_and_a_secret_the_wrong_way_round_are_refused_unseen(
    make: Callable[..., object], settings: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidConfigError, match="the wrong way round") as wrong:
        make(**settings)
    assert wrong.value.field == field
    assert "canary" not in str(wrong.value) + repr(wrong.value)


@pytest.mark.parametrize("make", [Client, AsyncClient])
@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"project_id": ""}, "project_id"),
        ({"project_id": "project/../x"}, "project_id"),
        ({"secret": ""}, "secret"),
        ({"secret": "trailing\n"}, "secret"),
        ({"base_url": ""}, "base_url"),
        ({"base_url": "api.example.com"}, "base_url"),
        ({"base_url": "http://api.example.com"}, "base_url"),
        ({"base_url": "https://user:pass@api.example.com"}, "base_url"),
        ({"connect_timeout_seconds": 0}, "connect_timeout_seconds"),
        ({"attempt_timeout_seconds": -1}, "attempt_timeout_seconds"),
        ({"total_timeout_seconds": float("nan")}, "total_timeout_seconds"),
        ({"token_store_url": "http://127.0.0.1:6379", "token_store_key": KEY}, "token_store_url"),
        ({"token_store_key": KEY}, "token_store_url"),
        ({"token_store_url": "redis://127.0.0.1:6379"}, "token_store_key"),
        ({"token_store_url": "redis://127.0.0.1", "token_store_key": "x"}, "token_store_key"),
    ],
)
def test_a_wrong_setting_is_named(
    make: Callable[..., object], settings: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidConfigError) as wrong:
        make(**settings)
    assert wrong.value.code == "invalid_config"
    assert wrong.value.field == field
    assert field in str(wrong.value)


@pytest.mark.parametrize(
    "make",
    [Client, AsyncClient, TokenVerifier, AsyncTokenVerifier, TokenSource, AsyncTokenSource],
)
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("connect_timeout_seconds", 0),
        ("extra_ca_pem", "no certificate"),
        ("client_certificate_pem", "no certificate"),
        ("proxy", ""),
        ("proxy", "ftp://127.0.0.1:1080"),
        ("max_key_age_seconds", -1),
        ("max_key_age_seconds", float("inf")),
        ("max_key_age_seconds", 24 * 3600 + 1),
    ],
)
def test_a_wrong_setting_of_the_transport_is_named(
    make: Callable[..., object], field: str, value: object
) -> None:
    settings = SOURCE if make in (TokenSource, AsyncTokenSource) else {}
    with pytest.raises(InvalidConfigError) as wrong:
        make(**settings, **{field: value})
    assert wrong.value.field == field


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: TokenVerifier(issuers=[]), "issuers"),
        (lambda: TokenVerifier(verified_token_cache_size=-1), "verified_token_cache_size"),
        (lambda: TokenVerifier(verified_token_cache_size=2**21), "verified_token_cache_size"),
        (lambda: Client(verified_token_cache_size=2**21), "verified_token_cache_size"),
        (lambda: Client(token_cache_capacity=0), "token_cache_capacity"),
        (lambda: Client(token_cache_capacity=-1), "token_cache_capacity"),
        (lambda: TokenVerifier(vertical="b2c"), "vertical"),
        (lambda: TokenVerifier(issuers=[IssuerConfig(**OAUTH)]), "jwks_url"),
        (
            lambda: TokenVerifier(
                issuers=[IssuerConfig(**OAUTH, jwks="{}", jwks_url="https://example.com")]
            ),
            "jwks_url",
        ),
        (
            lambda: TokenVerifier(issuers=[IssuerConfig(**OAUTH, jwks="{}", algorithms=["HS256"])]),
            "algorithms",
        ),
        (lambda: TokenVerifier(issuers=[IssuerConfig(**OAUTH, jwks='{"keys":[]}')]), "jwks"),
        (lambda: TokenSource(**{**SOURCE, "client_id": ""}), "client_id"),
        (lambda: TokenSource(**{**SOURCE, "client_secret": ""}), "client_secret"),
        (lambda: TokenSource(**SOURCE, scopes=["a b"]), "scopes"),
        (lambda: TokenSource(**SOURCE, extra={"grant_type": "x"}), "extra"),
        (
            lambda: TokenSource(**SOURCE, project_id="p", token_url="https://example.com/token"),
            "token_url",
        ),
        (lambda: IssuerConfig.auth0(domain="a/b", audience="api"), "domain"),
    ],
)
def test_a_wrong_setting_of_a_part_is_named(make: Callable[[], object], field: str) -> None:
    with pytest.raises(InvalidConfigError) as wrong:
        make()
    assert wrong.value.field == field


@pytest.mark.parametrize(
    "make",
    [Client, AsyncClient, TokenVerifier, AsyncTokenVerifier, TokenSource, AsyncTokenSource],
)
def test_an_unknown_setting_is_a_type_error(make: Callable[..., object]) -> None:
    settings = SOURCE if make in (TokenSource, AsyncTokenSource) else {}
    with pytest.raises(TypeError, match=rf"{make.__name__}.*colour"):
        make(**settings, colour="red")


@pytest.mark.parametrize(
    "call",
    [
        lambda m2m: m2m.authenticate_token(access_token="x", required_scopes="read:users"),
        lambda m2m: m2m.token(client_id="x", client_secret="y", scopes="read:users"),
        lambda m2m: m2m.clients.create(scopes="read:users"),
        lambda m2m: m2m.clients.update(client_id="x", scopes="read:users"),
        lambda _: TokenSource(**SOURCE, scopes="read:users"),
        lambda _: AsyncTokenSource(**SOURCE, scopes="read:users"),
    ],
)
async def test_scopes_that_are_one_string_are_a_type_error_that_says_so(
    any_client: Client | AsyncClient, call: Callable[[Any], Any]
) -> None:
    with pytest.raises(TypeError, match=r'a list such as \["read:users"\], not one string'):
        await answer(call(any_client.m2m))


def test_missing_scopes_takes_a_list(client: Client, access_token: str) -> None:
    claims = client.m2m.authenticate_token(access_token=access_token)
    assert claims.missing_scopes(["read:users", "a:b"]) == ["a:b"]
    with pytest.raises(TypeError, match="not one string"):
        claims.missing_scopes("read:users")


def test_missing_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STYTCH_SECRET")
    with pytest.raises(InvalidConfigError, match="STYTCH_SECRET") as wrong:
        Client().m2m.clients.get(client_id="x")
    assert wrong.value.field == "secret"
    monkeypatch.delenv("STYTCH_PROJECT_ID")
    for make in (Client, TokenVerifier, lambda: TokenSource(**SOURCE)):
        with pytest.raises(InvalidConfigError, match="STYTCH_PROJECT_ID"):
            make()


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda m2m: m2m.clients.get(client_id=".."), "client_id"),
        (lambda m2m: m2m.clients.get(client_id=""), "client_id"),
        (lambda m2m: m2m.clients.update(client_id="x", status="paused"), "status"),
        (
            lambda m2m: m2m.clients.create(scopes=[], trusted_metadata={"a": {1}}),
            "trusted_metadata",
        ),
        (
            lambda m2m: m2m.clients.create(scopes=[], trusted_metadata={"a": float("inf")}),
            "trusted_metadata",
        ),
        (lambda m2m: m2m.clients.create(scopes=[], trusted_metadata=[]), "trusted_metadata"),
        (lambda m2m: m2m.clients.search(limit=-1), "limit"),
        (lambda m2m: m2m.clients.search(query={}), "query"),
        (lambda m2m: m2m.clients.search(query={"operator": "XOR", "operands": []}), "operator"),
        (lambda m2m: m2m.clients.search_all(query={"operands": [{"filter_name": 1}]}), "query"),
        (
            lambda m2m: m2m.clients.search_all(
                query={"operands": [{"filter_name": "status", "filter_value": ["x"]}]}
            ),
            "filter_name",
        ),
        (lambda m2m: m2m.token(client_id="", client_secret="x"), "client_id"),
        (lambda m2m: m2m.token(client_id="x", client_secret=""), "client_secret"),
    ],
)
async def test_a_wrong_argument_is_named(
    any_client: Client | AsyncClient, call: Callable[[Any], Any], field: str
) -> None:
    with pytest.raises(InvalidConfigError) as wrong:
        await answer(call(any_client.m2m))
    assert wrong.value.field == field


def test_what_json_cannot_hold_has_its_cause(client: Client) -> None:
    with pytest.raises(InvalidConfigError) as wrong:
        client.m2m.clients.create(scopes=[], trusted_metadata={"a": object()})
    assert isinstance(wrong.value.__cause__, TypeError)


@pytest.mark.parametrize("make", [Client, AsyncClient])
async def test_an_unreachable_server(make: Callable[..., Any]) -> None:
    m2m = make(base_url=f"http://127.0.0.1:{closed_port()}").m2m
    with pytest.raises(NetworkError, match="base_url"):
        await answer(m2m.clients.create(scopes=[]))
    with pytest.raises(NetworkError):
        await answer(m2m.token(client_id="x", client_secret="y"))
    with pytest.raises(KeysUnavailableError) as unavailable:
        await answer(m2m.authenticate_token(access_token=unsigned_token(m2m)))
    assert unavailable.value.http_status == 503


@pytest.mark.parametrize("make", [Client, AsyncClient])
async def test_a_server_that_answers_html(make: Callable[..., Any]) -> None:
    with http_server(502, "text/html", b"<html>canary</html>") as base_url:
        m2m = make(base_url=base_url).m2m
        with pytest.raises((ServiceError, UnexpectedResponseError)) as failed:
            await answer(m2m.clients.get(client_id="x"))
        assert failed.value.status_code == 502
        assert "canary" not in f"{failed.value!r} {failed.value}"
        with pytest.raises(KeysUnavailableError):
            await answer(m2m.authenticate_token(access_token=unsigned_token(m2m)))
    with http_server(200, "text/html", b"<html>canary</html>") as base_url:
        m2m = make(base_url=base_url).m2m
        with pytest.raises(UnexpectedResponseError) as failed:
            await answer(m2m.clients.get(client_id="x"))
        assert "canary" not in f"{failed.value!r} {failed.value}"
        with pytest.raises(OutcomeUnknownError) as unknown:
            await answer(m2m.clients.create(scopes=[]))
        assert "search" in unknown.value.recovery


@pytest.mark.parametrize("make", [Client, AsyncClient])
async def test_a_server_that_does_not_answer(make: Callable[..., Any]) -> None:
    with silent_server() as server:
        m2m = make(base_url=server.base_url, total_timeout_seconds=0.2).m2m
        with pytest.raises(RequestTimeoutError) as late:
            await answer(m2m.clients.get(client_id="x"))
        assert late.value.code == "timeout"


def unsigned_token(m2m: Any) -> str:
    """A token that looks like the project's, so that its keys are asked for."""
    import base64
    import json

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    header = {"alg": "RS256", "typ": "JWT", "kid": "jwk-test-1"}
    return f"{part(header)}.{part({'iss': f'stytch.com/{m2m._native.project_id}'})}.{'A' * 342}"
