"""The process model: fork, signals, exit. Each case is a process of its own, with a time limit."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent

import pytest
from processes import finish, python
from stytch_m2m import M2MClientWithClientSecret
from support import eventually, silent_server

FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

IN_CHILD = """
import os, sys, warnings
from stytch_m2m import Client, TokenSource

# Threads at a fork are what is tested.
warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
settings = {"client_id": sys.argv[1], "client_secret": sys.argv[2]}
client, source = Client(), TokenSource(**settings)

def use():
    token = source.get_token().access_token
    claims = client.m2m.authenticate_token(access_token=token)
    assert claims.client_id == settings["client_id"]
    assert client.m2m.token(**settings, force_refresh=True)
    assert client.m2m.clients.get(client_id=claims.client_id)

def fork(work=use):
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return child

def reap(child):
    assert os.waitpid(child, 0)[1] == 0
"""


@FORKS
@pytest.mark.parametrize(
    "work",
    [
        "reap(fork())",
        "use(); reap(fork()); use()",
        "use(); [reap(child) for child in [fork() for _ in range(8)]]; use()",
        "use(); reap(fork(lambda: (use(), reap(fork()), use())))",
    ],
    ids=["before use", "after use", "many", "nested"],
)
def test_fork(work: str, credential: M2MClientWithClientSecret) -> None:
    process = python(IN_CHILD + work, credential.client_id, credential.client_secret)
    assert finish(process) == ""


@FORKS
def test_fork_during_a_request(credential: M2MClientWithClientSecret) -> None:
    """The child does not wait for a request that only its parent has under way."""
    script = """
import threading
from support import emulator, eventually

# Longer than this process may take.
effect = {"type": "delay", "milliseconds": 300_000}
emulator("faults", {"operation": "token", "effect": effect, "times": 1})
thread = threading.Thread(target=source.get_token, daemon=True)
thread.start()
asked = f"requests?operation=token&client_id={sys.argv[1]}"
assert eventually(lambda: emulator(asked)["requests"])
reap(fork())
assert thread.is_alive()
"""
    process = python(IN_CHILD + script, credential.client_id, credential.client_secret)
    assert finish(process) == ""


@FORKS
def test_a_forked_childs_exit_does_not_wait_for_its_parents_calls(
    credential: M2MClientWithClientSecret,
) -> None:
    script = """
import threading

# Longer than this process may take.
silent = Client(base_url=sys.argv[3], total_timeout_seconds=300)

def wait():
    try:
        silent.m2m.clients.get(client_id="x")
    except BaseException:
        pass

threads = [threading.Thread(target=wait, daemon=True) for _ in range(3)]
for thread in threads:
    thread.start()
sys.stdin.readline()
child = os.fork()
if child == 0:
    use()
    sys.exit(0)
reap(child)
"""
    settings = credential.client_id, credential.client_secret
    with silent_server() as server:
        process = python(IN_CHILD + script, *settings, server.base_url)
        assert eventually(lambda: server.asked == 3)
        assert finish(process, "go\n") == ""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_multiprocessing(
    method: str, credential: M2MClientWithClientSecret, tmp_path: Path
) -> None:
    if method == "fork" and not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    script = tmp_path / "workers.py"
    script.write_text(
        dedent(
            """
            import multiprocessing, sys, warnings
            from stytch_m2m import Client, NotFoundError

            warnings.simplefilter("ignore", DeprecationWarning)
            client = Client()

            def scopes(client_id):
                return client.m2m.clients.get(client_id=client_id).m2m_client

            if __name__ == "__main__":
                here = scopes(sys.argv[2])
                with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
                    assert pool.map(scopes, [sys.argv[2]] * 4) == [here] * 4
                    try:
                        pool.apply(scopes, ["m2m-client-test-unknown"])
                    except NotFoundError as error:
                        print(error.code, error.status_code, bool(error.request_id))
            """
        )
    )
    process = python(
        "import runpy, sys; sys.argv.pop(0); runpy.run_path(sys.argv[0], run_name='__main__')"
        if method == "fork"
        else "import subprocess, sys; sys.exit(subprocess.call([sys.executable, *sys.argv[1:]]))",
        str(script),
        method,
        credential.client_id,
    )
    assert finish(process) == "not_found 404 True\n"


@pytest.mark.parametrize(
    "call",
    [
        "client.m2m.clients.get(client_id='x')",
        "client.m2m.token(client_id='x', client_secret='y')",
        "TokenVerifier(base_url=sys.argv[1]).warm_up()",
    ],
)
def test_ctrl_c_ends_a_blocking_call(call: str) -> None:
    script = """
        import signal, sys
        from stytch_m2m import Client, TokenVerifier
        # A shell may have started the tests with the signal ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        client = Client(base_url=sys.argv[1])
        try:
            CALL
        except KeyboardInterrupt:
            print("interrupted")
    """
    with silent_server() as server:
        process = python(script.replace("CALL", call), server.base_url)
        assert eventually(lambda: server.asked > 0)
        process.send_signal(signal.SIGINT)
        assert finish(process) == "interrupted\n"
        assert eventually(lambda: server.dropped == server.asked)


def test_a_signal_handler_may_make_calls(credential: M2MClientWithClientSecret) -> None:
    script = """
        import signal, sys
        from stytch_m2m import Client, RequestTimeoutError
        client, silent = Client(), Client(base_url=sys.argv[2], total_timeout_seconds=2)

        def handler(*_):
            print(client.m2m.clients.get(client_id=sys.argv[1]).m2m_client.client_id)

        signal.signal(signal.SIGTERM, handler)
        try:
            silent.m2m.clients.get(client_id="x")
        except RequestTimeoutError:
            print("timed out")
    """
    with silent_server() as server:
        process = python(script, credential.client_id, server.base_url)
        assert eventually(lambda: server.asked > 0)
        process.send_signal(signal.SIGTERM)
        assert finish(process) == f"{credential.client_id}\ntimed out\n"


IN_FLIGHT = """
import asyncio, sys, threading
from stytch_m2m import AsyncClient, Client

def wait():
    Client(base_url=sys.argv[1]).m2m.clients.get(client_id="x")

async def main():
    client = AsyncClient(base_url=sys.argv[1])
    tasks = [asyncio.create_task(client.m2m.clients.get(client_id="x")) for _ in range(4)]
    await asyncio.sleep(float(sys.argv[2]))

for _ in range(2):
    threading.Thread(target=wait, daemon=True).start()
asyncio.run(main())
"""

AT_WORK = """
import sys, threading, time
from stytch_m2m import Client

client = Client()
client.m2m.authenticate_token(access_token=sys.argv[1])

def verify():
    while True:
        client.m2m.authenticate_token(access_token=sys.argv[1])

def read():
    while True:
        client.m2m.clients.search(limit=1)

for work in (verify, read) * 2:
    threading.Thread(target=work, daemon=True).start()
time.sleep(float(sys.argv[2]))
"""


@pytest.mark.parametrize("script", [IN_FLIGHT, AT_WORK], ids=["in flight", "at work"])
def test_a_process_exits_cleanly(script: str, access_token: str) -> None:
    with silent_server() as server, ThreadPoolExecutor(4) as pool:
        argument = server.base_url if script is IN_FLIGHT else access_token
        delays = [f"{number / 1000}" for number in range(20)]
        runs = pool.map(lambda delay: finish(python(script, argument, delay)), delays)
        assert set(runs) == {""}
