"""Whole programs: the examples, and a service under gunicorn whose workers are forked."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from processes import fetch, running
from stytch_m2m import Client, M2MClientWithClientSecret
from support import issue

EXAMPLES = Path(__file__).parents[3] / "examples" / "python"


def example(name: str, *arguments: str, stdin: str = "", **env: str) -> str:
    run = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        env={**os.environ, **env},
        input=stdin,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


GUNICORN = ["gunicorn", "--bind", "127.0.0.1:PORT"]
DJANGO = [*GUNICORN, "--env", "DJANGO_SETTINGS_MODULE=django_service.settings"]
DJANGO += ["django.core.wsgi:get_wsgi_application()"]
NEEDS_FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="gunicorn needs fork")


@pytest.mark.parametrize(
    ("command", "path"),
    [
        pytest.param(["uvicorn", "service:app", "--port", "PORT"], "/orders", id="fastapi"),
        pytest.param([*GUNICORN, "flask_service:app"], "/orders", id="flask", marks=NEEDS_FORK),
        pytest.param(DJANGO, "/orders", id="django", marks=NEEDS_FORK),
        pytest.param(DJANGO, "/rest/orders", id="rest_framework", marks=NEEDS_FORK),
    ],
)
def test_a_worker_calls_a_service(client: Client, command: list[str], path: str) -> None:
    created = client.m2m.clients.create(scopes=["read:orders"]).m2m_client
    with running(*command, folder=EXAMPLES) as base_url:
        url = base_url + path
        output = example(
            "worker.py", url, CLIENT_ID=created.client_id, CLIENT_SECRET=created.client_secret
        )
        assert output.count(created.client_id) == 3
        assert fetch(url)[0] == 401
        assert fetch(url, issue(["write:orders"]))[0] == 403
    client.m2m.clients.delete(client_id=created.client_id)


def test_clients_are_managed() -> None:
    client_id, secret = example("clients.py", "create", "billing", "read:orders").split()
    assert f"{client_id} active billing read:orders\n" in example("clients.py", "list")
    rotated = example("clients.py", "rotate", client_id, stdin="\n")
    assert "The old one is gone." in rotated
    assert secret not in rotated
    assert example("clients.py", "delete", client_id) == ""
    assert client_id not in example("clients.py", "list")


@pytest.mark.parametrize(("tests", "passed"), [("test_service.py", 7), ("test_tenants.py", 6)])
def test_a_services_own_tests(tests: str, passed: int) -> None:
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", tests]
    run = subprocess.run([sys.executable, *command], cwd=EXAMPLES, capture_output=True, text=True)
    assert f"{passed} passed" in run.stdout, run.stdout + run.stderr


WSGI = """
import os
from stytch_m2m import Client, StytchM2MError

client = Client()
client.m2m.warm_up()  # Before the workers are forked.

def app(environ, start_response):
    token = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
    try:
        claims = client.m2m.authenticate_token(access_token=token)
        found = client.m2m.clients.get(client_id=claims.client_id).m2m_client
        status, body = "200 OK", f"{os.getpid()} {found.client_id}"
    except StytchM2MError as error:
        status, body = f"{error.http_status} {error.code}", str(error)
    start_response(status, [("Content-Type", "text/plain")])
    return [body.encode()]
"""


@NEEDS_FORK
def test_gunicorn_forks_a_loaded_client(
    credential: M2MClientWithClientSecret, access_token: str, tmp_path: Path
) -> None:
    (tmp_path / "wsgi.py").write_text(WSGI)
    options = ["--preload", "--workers", "4", "--threads", "2", "--bind", "127.0.0.1:PORT"]
    with (
        running("gunicorn", *options, "wsgi:app", folder=tmp_path) as base_url,
        ThreadPoolExecutor(8) as pool,
    ):
        answers = list(pool.map(lambda _: fetch(base_url, access_token), range(200)))
    assert {status for status, _ in answers} == {200}
    workers, clients = zip(*(body.split() for _, body in answers), strict=True)
    assert set(clients) == {credential.client_id}
    assert len(set(workers)) > 1
