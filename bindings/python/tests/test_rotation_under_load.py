"""A rotation under load: 100 processes go on without a restart, and none of their calls fails."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from processes import python
from stytch_m2m import Client
from stytch_m2m.testing import Emulator
from support import eventually

PROCESSES = 100
ID, SECRET = "billing", "billing-secret-1"
LIMIT_SECONDS = 120

# Each process ends when it has fetched two tokens after the rotation.
SCRIPT = """
    import os, sys, time, traceback
    from pathlib import Path
    from stytch_m2m import SecretSource, StytchM2MError, TokenSource, TokenVerifier

    processes, how, folder = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])

    def start(first_call):
        # A machine that starts a hundred processes at once may be slow.
        while True:
            try:
                return first_call()
            except StytchM2MError as error:
                if not error.is_transient:
                    raise
            time.sleep(0.1)

    def work():
        if how == "file":
            secrets = {"client_secret": SecretSource.file(folder / "secret")}
        else:
            secrets = {"client_secret": sys.argv[4], "next_client_secret": sys.argv[5]}
        with TokenSource(client_id="billing", **secrets) as source, TokenVerifier() as verifier:
            (calls, after) = (0, set())
            start(source.get_token)
            start(verifier.warm_up)
            (folder / f"started-{os.getpid()}").touch()
            while len(after) < 2:
                rotated = (folder / "rotated").exists()
                token = source.get_token().access_token
                # A busy machine may take longer than the token's few seconds.
                verifier.authenticate_token(access_token=token, clock_tolerance_seconds=300)
                calls += 1
                if rotated:
                    after.add(token)
                time.sleep(0.1)
        return calls

    def run():
        try:
            (folder / f"done-{os.getpid()}").write_text(str(work()))
            return 0
        except BaseException:
            traceback.print_exc()
            return 1

    children = []
    for _ in range(processes):
        child = os.fork()
        if child == 0:
            os._exit(run())
        children.append(child)
    failed = [child for child in children if os.waitpid(child, 0)[1] != 0]
    print(len(children) - len(failed))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the processes are forked")
@pytest.mark.parametrize("how", ["file", "next"])
def test_a_hundred_processes_go_on_over_a_rotation(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = {"clients": [{"client_id": ID, "client_secret": SECRET, "scopes": ["a:b"]}]}
    with Emulator(seed=seed) as emulator, Client(**emulator.settings) as client:
        emulator.set_token_settings({"lifetime_seconds": 8})
        for name, value in emulator.environ.items():
            monkeypatch.setenv(name, value)
        secrets = client.m2m.clients.secrets

        def store(secret: str) -> None:
            (tmp_path / "new").write_text(secret)
            (tmp_path / "new").replace(tmp_path / "secret")

        store(SECRET)
        following = ""
        if how == "next":
            following = secrets.rotate_start(client_id=ID).m2m_client.next_client_secret
        process = python(SCRIPT, str(PROCESSES), how, str(tmp_path), SECRET, following)
        try:
            started = lambda: len(list(tmp_path.glob("started-*"))) == PROCESSES  # noqa: E731
            assert eventually(lambda: started() or process.poll() is not None, LIMIT_SECONDS)
            if how == "file":
                secrets.rotate_with(client_id=ID, store=store)
            else:
                secrets.rotate(client_id=ID)
            (tmp_path / "rotated").touch()
            output, complaints = process.communicate(timeout=LIMIT_SECONDS)
        finally:
            process.kill()
        assert (output, complaints) == (f"{PROCESSES}\n", "")
        calls = sum(int(done.read_text()) for done in tmp_path.glob("done-*"))
        statuses = [request["status"] for request in emulator.requests(operation="token")]
        print(f"{how}: {calls} calls, {len(statuses)} requests, {statuses.count(401)} refused")
