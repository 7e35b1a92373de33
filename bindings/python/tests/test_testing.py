"""The emulator that users test with, and its fixture."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
import stytch_m2m
from processes import finish, python
from stytch_m2m import (
    Client,
    InvalidTokenError,
    RateLimitedError,
    ServiceError,
    TokenVerifier,
)
from stytch_m2m.testing import Emulator
from support import accepts, eventually

SETTINGS = ("STYTCH_PROJECT_ID", "STYTCH_SECRET", "STYTCH_BASE_URL")
SEED = {
    "clients": [
        {"client_id": "billing", "client_secret": "billing-secret-1", "scopes": ["read:invoices"]}
    ]
}
BILLING = {"client_id": "billing", "client_secret": "billing-secret-1"}


def test_it_serves_until_it_is_stopped() -> None:
    with Emulator(project_id="project-test-acme", secret="secret-test-acme", seed=SEED) as emulator:
        assert emulator.project_id == "project-test-acme"
        assert emulator.environ == {
            "STYTCH_PROJECT_ID": "project-test-acme",
            "STYTCH_SECRET": "secret-test-acme",
            "STYTCH_BASE_URL": emulator.base_url,
        }
        assert "secret-test-acme" not in repr(emulator)
        with Client(**emulator.settings) as client:
            token = client.m2m.token(**BILLING)
            claims = client.m2m.authenticate_token(access_token=token.access_token)
        assert (claims.client_id, claims.scopes) == ("billing", ["read:invoices"])
        assert emulator.token_requests("billing") == emulator.counts()["token"] == 1
        (request,) = emulator.requests(operation="token", client_id="billing")
        assert request["status"] == 200
        port = int(emulator.base_url.rpartition(":")[2])
        assert accepts(port)
    assert not accepts(port)
    emulator.stop()


def test_it_does_wrong_on_request() -> None:
    with Emulator(seed=SEED) as emulator, Client(**emulator.settings) as client:
        emulator.add_fault({"type": "status", "status": 500}, operation="get", times=9)
        with pytest.raises(ServiceError):
            client.m2m.clients.get(client_id="billing")
        emulator.clear_faults()
        assert client.m2m.clients.get(client_id="billing")

        emulator.set_rate_limit({"requests": 1, "per_seconds": 600})
        client.m2m.clients.get(client_id="billing")
        with pytest.raises(RateLimitedError):
            client.m2m.clients.get(client_id="billing")
        emulator.set_rate_limit(None)
        assert client.m2m.clients.get(client_id="billing")

        emulator.set_token_settings({"lifetime_seconds": 60})
        assert client.m2m.token(**BILLING).expires_in <= 60

        good = emulator.issue_token("anybody", scopes=["a:b"])
        assert client.m2m.authenticate_token(access_token=good).client_id == "anybody"
        changes = {"issued_at_offset_seconds": -7200}
        with pytest.raises(InvalidTokenError) as refused:
            expired = emulator.issue_token("anybody", changes=changes)
            client.m2m.authenticate_token(access_token=expired)
        assert refused.value.reason == "expired"

        emulator.reset()
        assert emulator.counts()["token"] == 0
        emulator.rotate_keys()
        emulator.retire_keys()
        verifier = TokenVerifier(project_id=emulator.project_id, base_url=emulator.base_url)
        with pytest.raises(InvalidTokenError) as refused:
            verifier.authenticate_token(access_token=good)
        assert refused.value.reason == "key_not_found"
        assert emulator.credentials()["organization"]["client_id"]

        with pytest.raises(ValueError, match="seed"):
            emulator.load({"colour": "red"})


def test_it_does_not_take_the_settings_of_the_service() -> None:
    """The environment of the tests names another project, and might name a live one."""
    with Emulator() as emulator:
        assert emulator.project_id.startswith("project-test-")
        assert emulator.project_id != os.environ["STYTCH_PROJECT_ID"]


def test_a_start_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match="live"):
        Emulator(project_id="project-live-acme")
    with pytest.raises(ValueError, match="seed"):
        Emulator(seed={"colour": "red"})


def test_a_missing_emulator_is_told_how_to_get(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYTCH_M2M_EMULATOR", "/nowhere/emulator")
    with pytest.raises(FileNotFoundError, match=r"/nowhere/emulator.*cargo install"):
        Emulator()
    with pytest.raises(FileNotFoundError, match=r"/elsewhere.*pip install stytch-m2m-emulator"):
        Emulator(program="/elsewhere")


@pytest.mark.skipif(sys.platform == "win32", reason="a script is no program there")
def test_the_packages_program_comes_before_the_one_on_the_search_path(tmp_path: Path) -> None:
    """As after `pip install stytch-m2m-emulator`, which puts it beside Python."""
    named = os.environ.get("STYTCH_M2M_EMULATOR") or shutil.which("stytch-m2m-emulator")
    assert named is not None
    venv, elsewhere = tmp_path / "venv", tmp_path / "elsewhere"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    elsewhere.mkdir()
    wrong = elsewhere / "stytch-m2m-emulator"
    wrong.write_text("#!/bin/sh\necho an older one >&2; exit 1\n")
    wrong.chmod(0o755)

    def start() -> subprocess.CompletedProcess[str]:
        script = "from stytch_m2m.testing import Emulator; print(Emulator().counts()['token'])"
        path = os.pathsep.join([str(elsewhere), os.environ["PATH"]])
        packages = str(Path(stytch_m2m.__file__).parent.parent)
        env = {"PATH": path, "PYTHONPATH": packages}
        command = [venv / "bin" / "python", "-c", script]
        return subprocess.run(command, env=env, capture_output=True, text=True)

    assert "an older one" in start().stderr
    (venv / "bin" / "stytch-m2m-emulator").symlink_to(named)
    started = start()
    assert (started.stdout, started.stderr) == ("0\n", "")


def test_it_ends_with_its_process() -> None:
    script = """
        import os
        from stytch_m2m.testing import Emulator
        emulator = Emulator()
        print(emulator.base_url, flush=True)
        os._exit(0)
    """
    port = int(finish(python(script)).strip().rpartition(":")[2])
    assert eventually(lambda: not accepts(port))


TESTS = """
    from stytch_m2m import AsyncClient, Client, TokenSource

    def test_one(stytch_m2m_emulator):
        created = Client().m2m.clients.create(scopes=[]).m2m_client
        assert stytch_m2m_emulator.counts()["create"] == 1
        source = TokenSource(client_id=created.client_id, client_secret=created.client_secret)
        assert source.get_token().access_token

    def test_with_a_seed(stytch_m2m_emulator):
        stytch_m2m_emulator.load({"clients": [{"client_id": "seeded"}]})
        assert Client().m2m.clients.get(client_id="seeded")

    def test_another(stytch_m2m_emulator):
        assert stytch_m2m_emulator.counts()["create"] == 0
        assert list(Client().m2m.clients.search_all()) == []

    def test_without():
        import os
        assert "STYTCH_PROJECT_ID" not in os.environ
"""


def test_the_fixture_is_there_without_an_import_and_keeps_no_seed(tmp_path: Path) -> None:
    (tmp_path / "test_service.py").write_text(dedent(TESTS))
    kept = {k: v for k, v in os.environ.items() if k not in SETTINGS}
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:asyncio",
    ]
    run = subprocess.run(command, cwd=tmp_path, env=kept, capture_output=True, text=True)
    assert "4 passed" in run.stdout, run.stdout + run.stderr
