"""What people tripped over on their first day."""

from __future__ import annotations

import copy
import dataclasses
import importlib.util
import json
import logging
import os
import pickle
import pprint
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx
import pytest
import stytch_m2m.aiohttp
import stytch_m2m.fastapi
import stytch_m2m.flask
import stytch_m2m.requests
from fastapi import FastAPI
from refusals import NO_KEYS
from stytch_m2m import (
    AsyncClient,
    AsyncTokenSource,
    AsyncTokenVerifier,
    AuthenticationError,
    Client,
    InvalidTokenError,
    KeysUnavailableError,
    TokenSource,
    TokenVerifier,
)
from stytch_m2m.testing import Emulator
from support import answer, eventually, issue

EXAMPLES = Path(__file__).parents[3] / "examples" / "python"
SERVICE = EXAMPLES / "service.py"
OFFICIAL = Path(__file__).parent / "official" / "program.py"
ORIGINS = ["https://api.example.com"]
CREDENTIAL = {"client_id": "billing", "client_secret": "billing-secret-1"}


async def test_the_fastapi_sample_starts_without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    headers = {"Authorization": f"Bearer {issue(['read:orders'])}"}
    monkeypatch.setenv("STYTCH_BASE_URL", NO_KEYS)
    spec = importlib.util.spec_from_file_location("service", SERVICE)
    assert spec is not None
    assert spec.loader is not None
    service = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(service)
    app: FastAPI = service.app
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as caller:
            assert (await caller.get("/orders", headers=headers)).status_code == 503


def test_a_guard_refuses_at_once_a_verifier_that_it_cannot_ask() -> None:
    for verifier in (TokenVerifier(), Client().m2m, AsyncClient(), object()):
        with pytest.raises(TypeError, match="verifier must be an AsyncTokenVerifier"):
            stytch_m2m.fastapi.M2MAuth(verifier)  # type: ignore[arg-type]
    for verifier in (AsyncTokenVerifier(), AsyncClient().m2m, Client(), object()):
        with pytest.raises(TypeError, match="verifier must be a TokenVerifier"):
            stytch_m2m.flask.M2MAuth(verifier)  # type: ignore[arg-type]


def test_a_plug_refuses_at_once_a_source_that_it_cannot_ask() -> None:
    with pytest.raises(TypeError, match="source must be an AsyncTokenSource"):
        stytch_m2m.aiohttp.TokenMiddleware(TokenSource(**CREDENTIAL), origins=ORIGINS)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="source must be a TokenSource"):
        stytch_m2m.requests.TokenAuth(AsyncTokenSource(**CREDENTIAL), origins=ORIGINS)  # type: ignore[arg-type]


def test_secrets_in_results_are_kept_by_what_copies_them_and_hidden_where_they_are_shown(
    client: Client,
) -> None:
    created = client.m2m.clients.create(scopes=[])
    made = created.m2m_client
    token = client.m2m.token(client_id=made.client_id, client_secret=made.client_secret)
    rotation = client.m2m.clients.secrets.rotate_start(client_id=made.client_id).m2m_client
    for value, name in (
        (made, "client_secret"),
        (rotation, "next_client_secret"),
        (token, "access_token"),
    ):
        secret = getattr(value, name)
        assert type(secret) is str
        assert json.loads(json.dumps(dataclasses.asdict(value), default=str))[name] == secret
        for copied in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
            assert copied == value
            assert getattr(copied, name) == secret
        assert f" {name}=<hidden>" in f"{value!r}".replace("(", " ")
        assert secret not in repr(value) + pprint.pformat(value, width=20)
    assert "client_secret=<hidden>" in repr(created)
    client.m2m.clients.delete(client_id=made.client_id)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (
            lambda m2m: m2m.authenticate_token(access_token="x", required_scopes="a"),
            r"argument 'required_scopes': must be a list such as .*, not one string",
        ),
        (
            lambda m2m: m2m.authenticate_token(access_token="x", required_scopes=None),
            r"'required_scopes'.* not None: leave it out",
        ),
        (
            lambda m2m: m2m.authenticate_token(access_token="x", required_scopes=b"a"),
            r"'required_scopes'.* not bytes",
        ),
        (
            lambda m2m: m2m.authenticate_token(access_token="x", required_scopes=[b"a"]),
            r"'required_scopes'.* holds something else than str",
        ),
        (
            lambda m2m: m2m.authenticate_token(access_token="x", max_token_age_seconds="60"),
            r"argument 'max_token_age_seconds': ",
        ),
        (
            lambda m2m: m2m.authenticate_token(access_token=b"x"),
            r"must be a str, not bytes: call its decode\(\)",
        ),
        (
            lambda m2m: m2m.authenticate_token(access_token=None),
            r"must be a str, not None",
        ),
        (
            lambda m2m: m2m.token(client_id="x", client_secret=None),
            r"argument 'client_secret': must be a str, not None",
        ),
        (
            lambda m2m: m2m.token(client_id="x", client_secret="y", scopes="a"),
            r"argument 'scopes': must be a list such as .*, not one string",
        ),
        (
            lambda m2m: m2m.clients.create(scopes=None),
            r"must be a list such as .*, not None",
        ),
    ],
)
async def test_messages_about_arguments_speak_python(
    any_client: Client | AsyncClient, call: Callable[[Any], Any], says: str
) -> None:
    with pytest.raises(TypeError, match=says) as wrong:
        await answer(call(any_client.m2m))
    assert not re.search(r"options|request|Vec|Sequence|cast as", str(wrong.value))


async def test_a_leftover_bearer_is_named_as_such(
    any_client: Client | AsyncClient, access_token: str
) -> None:
    for left in (f"Bearer {access_token}", f"bearer {access_token}"):
        with pytest.raises(InvalidTokenError, match="begins with `Bearer `") as refused:
            await answer(any_client.m2m.authenticate_token(access_token=left))
        assert refused.value.reason == "malformed"


async def test_a_token_of_another_project_says_that_the_issuer_is_anothers(
    any_client: Client | AsyncClient,
) -> None:
    with Emulator() as another:
        theirs = another.issue_token("billing")
    with pytest.raises(InvalidTokenError, match=r"another issuer, not stytch\.com/") as refused:
        await answer(any_client.m2m.authenticate_token(access_token=theirs))
    assert os.environ["STYTCH_PROJECT_ID"] in str(refused.value)
    assert (refused.value.reason, refused.value.claim) == ("key_not_found", "iss")


def test_a_wrong_project_id_shows_in_warm_up_and_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wrong = "project-test-00000000-0000-4000-8000-00000000dead"
    with caplog.at_level(logging.WARNING, logger="stytch_m2m"):
        with pytest.raises(KeysUnavailableError, match=f"{wrong}.*Check project_id"):
            TokenVerifier(project_id=wrong).warm_up()
        assert eventually(lambda: "Check project_id" in caplog.text and wrong in caplog.text)


async def test_a_deleted_or_deactivated_client_has_no_cached_token(
    any_client: Client | AsyncClient,
) -> None:
    m2m = any_client.m2m
    deleted = (await answer(m2m.clients.create(scopes=[]))).m2m_client
    idle = (await answer(m2m.clients.create(scopes=[]))).m2m_client
    for made in (deleted, idle):
        grant = {"client_id": made.client_id, "client_secret": made.client_secret}
        await answer(m2m.token(**grant))
        if made is deleted:
            await answer(m2m.clients.delete(client_id=made.client_id))
        else:
            await answer(m2m.clients.update(client_id=made.client_id, status="inactive"))
        with pytest.raises(AuthenticationError):
            await answer(m2m.token(**grant))
    await answer(m2m.clients.delete(client_id=idle.client_id))


def test_a_program_for_the_official_client_does_the_same_when_ported() -> None:
    def output(program: Path) -> str:
        command = [sys.executable, "-W", "ignore", str(program)]
        run = subprocess.run(command, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        return run.stdout

    before = output(OFFICIAL)
    assert "404 m2m_client_not_found" in before
    assert output(EXAMPLES / "ported.py") == before


def test_fixtures_for_a_test_and_for_the_session(tmp_path: Path) -> None:
    (tmp_path / "test_service.py").write_text(
        dedent(
            """
            import pytest
            from stytch_m2m import Client

            SEED = {"clients": [{"client_id": "billing", "client_secret": "billing-secret-1"}]}
            BILLING = {"client_id": "billing", "client_secret": "billing-secret-1"}

            @pytest.fixture(scope="session")
            def seeded(stytch_m2m_session_emulator):
                stytch_m2m_session_emulator.load(SEED)
                with Client() as client:
                    yield client

            def test_one(seeded):
                assert seeded.m2m.token(**BILLING)

            def test_another_with_its_own(seeded, stytch_m2m_emulator):
                assert Client().project_id == stytch_m2m_emulator.project_id
                assert seeded.project_id != stytch_m2m_emulator.project_id

            def test_what_was_loaded_stays(seeded, stytch_m2m_session_emulator):
                assert Client().project_id == stytch_m2m_session_emulator.project_id
                assert seeded.m2m.clients.get(client_id="billing")
            """
        )
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "3 passed" in run.stdout
