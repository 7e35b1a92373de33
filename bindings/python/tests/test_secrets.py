"""No secret and no token shows, however an object or an error is shown."""

from __future__ import annotations

import io
import logging
import pprint
import traceback

import pytest
from stytch_m2m import (
    AsyncClient,
    AsyncTokenSource,
    AsyncTokenVerifier,
    Client,
    StytchM2MError,
    TokenSource,
    TokenVerifier,
)
from support import closed_port

CANARY = "canary-5f0c9b4e"
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def every_way(value: object) -> str:
    log = io.StringIO()
    logger = logging.Logger("test")
    logger.addHandler(logging.StreamHandler(log))
    logger.warning("%s %r", value, value)
    shown = [repr(value), str(value), f"{value}", ascii(value), pprint.pformat(value)]
    shown += [repr([value]), repr({"key": value}), log.getvalue()]
    shown += [repr(vars(value))] if isinstance(value, StytchM2MError) else []
    if isinstance(value, BaseException):
        shown += [*traceback.format_exception(value), repr(value.args)]
    return "\n".join(shown)


def test_canaries_stay_hidden(client: Client) -> None:
    created = client.m2m.clients.create(scopes=["read:users"], client_secret=CANARY + "-own")
    m2m_client = created.m2m_client
    rotation = client.m2m.clients.secrets.rotate_start(client_id=m2m_client.client_id)
    settings = {"client_id": m2m_client.client_id, "client_secret": m2m_client.client_secret}
    token = client.m2m.token(**settings)
    claims = client.m2m.authenticate_token(access_token=token.access_token)
    assert m2m_client.client_secret == CANARY + "-own"

    objects = [
        *(make(secret=CANARY) for make in (Client, AsyncClient)),
        *(make(**settings) for make in (TokenSource, AsyncTokenSource)),
        *(make() for make in (TokenVerifier, AsyncTokenVerifier)),
        *(client.m2m, client.m2m.clients, client.m2m.clients.secrets),
        *(created, m2m_client, rotation, rotation.m2m_client, token, claims),
        client._native,
        *errors(token.access_token),
    ]
    secrets = {
        "a configured secret": CANARY,
        "the next secret": rotation.m2m_client.next_client_secret,
        "a token": token.access_token,
        "a signature": token.access_token.rpartition(".")[2],
    }
    for value in objects:
        shown = every_way(value)
        for name, secret in secrets.items():
            assert secret not in shown, f"{name} shows in {type(value).__name__}"
    client.m2m.clients.delete(client_id=m2m_client.client_id)


def errors(access_token: str) -> list[BaseException]:
    """One for each way in which something secret is given and goes wrong."""
    nowhere = Client(secret=CANARY, base_url=f"http://127.0.0.1:{closed_port()}")
    client = Client(secret=CANARY)
    url = f"https://user:{CANARY}@example.com"
    failing = [
        lambda: Client(secret=CANARY, base_url=url),
        lambda: Client(secret=f"{CANARY}\n"),
        lambda: Client(secret=[CANARY]),
        lambda: Client(secret=CANARY, project_id="a/b"),
        lambda: TokenSource(client_id="", client_secret=CANARY),
        lambda: Client(token_store_url=f"redis://:{CANARY}@127.0.0.1/x", token_store_key=KEY),
        lambda: Client(token_store_url="redis://127.0.0.1", token_store_key=CANARY),
        lambda: Client(token_store_url=f"redis://:{CANARY}@127.0.0.1", token_store_key=[CANARY]),
        lambda: Client(client_certificate_pem=CANARY),
        lambda: Client(client_certificate_pem=[CANARY]),
        lambda: Client(proxy=f"ftp://user:{CANARY}@127.0.0.1"),
        lambda: TokenSource(client_id="x", client_secret=CANARY, extra={"scope": CANARY}),
        lambda: nowhere.m2m.clients.get(client_id="x"),
        lambda: nowhere.m2m.token(client_id="x", client_secret=CANARY),
        lambda: client.m2m.clients.get(client_id="x"),
        lambda: client.m2m.clients.create(scopes=[], client_secret=f"{CANARY}\n"),
        lambda: client.m2m.token(client_id="x", client_secret=CANARY),
        lambda: client.m2m.authenticate_token(access_token=CANARY),
        lambda: client.m2m.authenticate_token(access_token=f"{access_token}x"),
        lambda: client.m2m.authenticate_token(access_token=access_token, required_scopes=["a"]),
        lambda: client.m2m.authenticate_token(access_token=[access_token]),
    ]
    raised: list[BaseException] = []
    for call in failing:
        # The traceback would quote this file's own lines.
        with pytest.raises((StytchM2MError, TypeError)) as info:
            call()
        raised.append(info.value.with_traceback(None))
    return raised
