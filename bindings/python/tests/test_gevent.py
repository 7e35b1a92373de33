"""Under gevent, a call that waits holds up no other greenlet."""

from __future__ import annotations

import importlib.util

import pytest
from processes import finish, python
from support import silent_server

if importlib.util.find_spec("gevent") is None:
    pytest.skip("gevent is not installed", allow_module_level=True)

SCRIPT = """
from gevent import monkey
monkey.patch_all()
import gevent, sys
from stytch_m2m import Client, StytchM2MError, TokenSource, TokenVerifier

silent = {"base_url": sys.argv[1], "total_timeout_seconds": 2}
calls = {
    "keys": lambda: TokenVerifier(**silent).warm_up(),
    "token": lambda: TokenSource(client_id="x", client_secret="y", **silent).get_token(),
    "client": lambda: Client(**silent).m2m.clients.get(client_id="x"),
}
ticks = []

def tick():
    while True:
        ticks.append(None)
        gevent.sleep(0.01)

def call(work):
    try:
        work()
    except StytchM2MError as error:
        return error.code

ticker = gevent.spawn(tick)
waiting = {name: gevent.spawn(call, work) for name, work in calls.items()}
gevent.joinall(waiting.values())
# A call that stopped the others would let them run once.
assert len(ticks) > 10, f"the other greenlets ran {len(ticks)} times"
print(*(greenlet.value for greenlet in waiting.values()))
print(*sorted(TokenVerifier().authenticate_token(access_token=sys.argv[2]).scopes))
"""


def test_a_slow_server_does_not_stop_the_other_greenlets(access_token: str) -> None:
    with silent_server() as server:
        output = finish(python(SCRIPT, server.base_url, access_token))
    assert output == "keys_unavailable timeout timeout\nread:users write:users\n"
