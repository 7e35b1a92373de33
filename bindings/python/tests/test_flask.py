"""The Flask decorator, through Flask's own test client and through gunicorn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import flask
import pytest
from flask.testing import FlaskClient
from processes import fetch, running
from refusals import NO_KEYS, Case, answer, assert_no_keys, assert_two_headers_are_refused
from stytch_m2m import Client, TokenClaims, TokenVerifier
from stytch_m2m.flask import M2MAuth, Verifier, current_claims
from support import issue


def service(verifier: Verifier) -> flask.Flask:
    app = flask.Flask(__name__)
    authenticated = M2MAuth(verifier, max_token_age_seconds=600)

    @app.get("/me")
    @authenticated()
    def me() -> str:
        return current_claims.client_id

    @app.get("/users")
    @authenticated(required_scopes=["read:users"])
    def users() -> list[str]:
        return flask.g.m2m_claims.scopes

    @app.get("/async/<name>")
    @authenticated(required_scopes=["read:users"])
    async def asynchronous(name: str) -> str:
        return f"{name} {current_claims.client_id}"

    return app


@pytest.fixture(params=["verifier", "client"])
def caller(request: pytest.FixtureRequest) -> FlaskClient:
    verifier = TokenVerifier() if request.param == "verifier" else Client().m2m
    return service(verifier).test_client()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_good_token_is_let_in(caller: FlaskClient) -> None:
    headers = bearer(issue(["read:users", "write:users"]))
    assert caller.get("/me", headers=headers).text == "m2m-client-test-1"
    assert caller.get("/users", headers=headers).json == ["read:users", "write:users"]
    assert caller.get("/async/x", headers=headers).text == "x m2m-client-test-1"
    assert current_claims.__doc__


@pytest.mark.parametrize("path", ["/users", "/async/x"])
def test_a_refusal(caller: FlaskClient, refused: Case, path: str) -> None:
    headers = {} if refused.authorization is None else {"Authorization": refused.authorization}
    response = caller.get(path, headers=headers)
    assert answer(response.status_code, response.headers, response.data) == refused.answer()


def test_no_keys_are_a_503() -> None:
    caller = service(TokenVerifier(base_url=NO_KEYS)).test_client()
    for _ in range(2):
        response = caller.get("/me", headers=bearer(issue()))
        assert_no_keys(response.status_code, response.headers, response.data)
    assert int(response.headers["Retry-After"]) > 0


def test_what_is_not_the_callers_fault_is_no_refusal() -> None:
    verifier = TokenVerifier()
    verifier.close()
    app = service(verifier)
    assert app.test_client().get("/me", headers=bearer(issue())).status_code == 500


def test_scopes_that_are_one_string_are_refused_where_the_guard_is_made() -> None:
    with pytest.raises(TypeError, match="required_scopes must be a list"):
        M2MAuth(TokenVerifier())(required_scopes="read:users")
    with pytest.raises(TypeError, match="required_scopes must be a list"):
        M2MAuth(TokenVerifier()).authenticate(required_scopes="read:users")


def test_a_wildcard_scope_grants_what_it_covers(caller: FlaskClient) -> None:
    assert caller.get("/users", headers=bearer(issue(["read:*"]))).status_code == 200


def test_the_services_own_error_handlers_apply() -> None:
    app = service(TokenVerifier())

    @app.errorhandler(401)
    def unauthorized(error: Exception) -> tuple[str, int]:
        return f"own: {type(error.__cause__).__name__}", 401

    assert app.test_client().get("/me").text == "own: InvalidTokenError"


APP = """
from flask import Flask
from stytch_m2m import TokenVerifier
from stytch_m2m.flask import M2MAuth, current_claims

app = Flask(__name__)
authenticated = M2MAuth(TokenVerifier())

@app.get("/")
@authenticated(required_scopes=["read:users"])
def root():
    return current_claims.client_id
"""


def test_over_http(tmp_path: Path) -> None:
    (tmp_path / "service.py").write_text(APP)
    options = ["--threads", "2", "--bind", "127.0.0.1:PORT"]
    with running("gunicorn", *options, "service:app", folder=tmp_path) as base_url:
        assert fetch(base_url, issue(["read:users"])) == (200, "m2m-client-test-1")
        assert fetch(base_url)[0] == 401
        assert fetch(base_url, issue(["write:users"]))[0] == 403
        assert_two_headers_are_refused(base_url)


def test_a_rule_of_ones_own_replaces_the_comparison_of_scopes() -> None:
    asked = []

    def authorize(claims: TokenClaims, required: Sequence[str]) -> bool:
        asked.append((claims.client_id, list(required)))
        return "write:users" in claims.scopes

    app = flask.Flask(__name__)

    @app.get("/users")
    @M2MAuth(TokenVerifier(), authorize=authorize)(required_scopes=["read:users"])
    def users() -> str:
        return "in"

    caller = app.test_client()
    assert caller.get("/users", headers=bearer(issue(["write:users"]))).status_code == 200
    assert caller.get("/users", headers=bearer(issue(["read:users"]))).status_code == 403
    assert asked == [("m2m-client-test-1", ["read:users"])] * 2
