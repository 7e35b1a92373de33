"""No frame of the package holds a secret in its locals, which error reporters capture."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import django
import pytest
import stytch_m2m
from stytch_m2m import (
    AsyncClient,
    AsyncOrganizationClient,
    AsyncTokenSource,
    AsyncTokenVerifier,
    Client,
    OrganizationClient,
    SecretSource,
    TokenSource,
    TokenVerifier,
    token_from_authorization_header,
)
from stytch_m2m.testing import Emulator
from support import closed_port

CANARY = "canary-5f0c9b4e"
PACKAGE = str(Path(stytch_m2m.__file__).parent)
NOWHERE = f"http://127.0.0.1:{closed_port()}"
TRANSPORT = {"client_certificate_pem": CANARY, "proxy": f"http://user:{CANARY}@127.0.0.1"}


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and all that it came of."""
    if error is not None:
        yield error
        yield from chain(error.__cause__)
        yield from chain(error.__context__)


def locals_of(traceback: TracebackType | None) -> Iterator[tuple[str, str, object]]:
    """Function, name and value of each local in a frame of the package."""
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_code.co_filename.startswith(PACKAGE):
            for name, value in frame.f_locals.items():
                yield frame.f_code.co_qualname if sys.version_info >= (3, 11) else "", name, value
        traceback = traceback.tb_next


def parts(value: object) -> Iterator[object]:
    """The value, and what error reporters find in it."""
    yield value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from parts(key)
            yield from parts(item)
    elif isinstance(value, (list, tuple, set)):
        for item in value:
            yield from parts(item)


def assert_hidden(error: BaseException, *secrets: str) -> None:
    frames = 0
    for each in chain(error):
        captured = traceback.TracebackException.from_exception(each, capture_locals=True)
        ours = [frame for frame in captured.stack if frame.filename.startswith(PACKAGE)]
        frames += len(ours)
        shown = "\n".join(f"{frame.name} {frame.locals}" for frame in ours) + repr(each.args)
        for secret in secrets:
            assert secret not in shown
        for function, name, value in locals_of(each.__traceback__):
            for part in parts(value):
                for secret in secrets:
                    assert secret not in repr(part), f"{name} of {function}"
    assert frames, "it passed no frame of the package"


def raised(call: Callable[[], Any]) -> BaseException:
    try:
        answer = call()
        if hasattr(answer, "__await__"):
            asyncio.run(_await(answer))
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


async def _await(answer: Any) -> None:
    await answer


def closed(what: Any) -> Any:
    what.close()
    return what


GRANT = {"client_id": "x", "client_secret": CANARY, "extra": {"key": CANARY}}
ORGANIZATION = {"base_url": NOWHERE, "authorization": f"Bearer {CANARY}"}


def refuse(*_: object) -> bool:
    raise LookupError("the user's own")


CALLS: dict[str, Callable[[], Any]] = {
    "client, bad URL": lambda: Client(secret=CANARY, base_url="x"),
    "client, bad secret": lambda: Client(secret=f"{CANARY}\n"),
    "client, no text": lambda: Client(secret=[CANARY]),
    "client, no Unicode": lambda: Client(secret=f"{CANARY}\ud800"),
    "client, unknown setting": lambda: Client(secret=CANARY, **TRANSPORT, colour=CANARY),
    "client, transport": lambda: Client(secret=CANARY, **TRANSPORT),
    "client, proxy": lambda: Client(proxy=f"{CANARY}\ud800"),
    "client, store": lambda: Client(token_store_url=f"x://{CANARY}", token_store_key=CANARY),
    "verifier, transport": lambda: TokenVerifier(**TRANSPORT),
    "source, no client id": lambda: TokenSource(**{**GRANT, "client_id": ""}),
    "source, scopes": lambda: TokenSource(**GRANT, scopes="read:users"),
    "source, extra": lambda: TokenSource(**{**GRANT, "extra": CANARY}),
    "source, private key": lambda: TokenSource(client_id="id", private_key=CANARY),
    "source, wrong types": lambda: TokenSource(client_id="id", client_assertion=[CANARY]),
    "source, function": lambda: TokenSource(
        client_id="id", client_secret=lambda: CANARY, base_url=NOWHERE
    ).get_token(),
    "source, no function": lambda: SecretSource.function(CANARY),
    "source, function that fails": lambda: TokenSource(
        client_id="id", client_secret=lambda: int(CANARY), base_url=NOWHERE
    ).get_token(),
    "project, function": lambda: Client(secret=lambda: CANARY, base_url=NOWHERE).m2m.clients.get(
        client_id="a"
    ),
    "source, nowhere": lambda: TokenSource(**GRANT, base_url=NOWHERE).get_token(),
    "async source": lambda: AsyncTokenSource(**GRANT, base_url=NOWHERE).get_token(),
    "source, closed": lambda: closed(TokenSource(**GRANT)).invalidate(CANARY),
    "token": lambda: Client().m2m.token(**GRANT),
    "token, async": lambda: AsyncClient().m2m.token(**GRANT),
    "token, bad extra": lambda: Client().m2m.token(**{**GRANT, "extra": CANARY}),
    "token, closed": lambda: closed(Client()).m2m.invalidate_token(CANARY),
    "create": lambda: Client().m2m.clients.create(scopes=[], client_secret=f"{CANARY}\n"),
    "create, async": lambda: AsyncClient().m2m.clients.create(scopes=[], client_secret="canary-"),
    "verify": lambda: Client().m2m.authenticate_token(access_token=CANARY),
    "verify, async": lambda: AsyncClient().m2m.authenticate_token(access_token=CANARY),
    "verify, no text": lambda: TokenVerifier().authenticate_token(access_token=[CANARY]),
    "verify, scopes": lambda: TokenVerifier().authenticate_token(
        access_token=CANARY, required_scopes="read:users"
    ),
    "header": lambda: token_from_authorization_header(f"Bearer {CANARY} {CANARY}"),
    "rotate_finish": lambda: Client(base_url=NOWHERE).m2m.clients.secrets.rotate_finish(
        client_id="x", next_client_secret=CANARY
    ),
    "rotate_finish, async": lambda: AsyncClient(base_url=NOWHERE).m2m.clients.secrets.rotate_finish(
        client_id="x", next_client_secret=CANARY
    ),
    "organization, settings": lambda: OrganizationClient(**ORGANIZATION, colour="red"),
    "organization": lambda: OrganizationClient(**ORGANIZATION).client_secret(),
    "organization, async": lambda: AsyncOrganizationClient(**ORGANIZATION).token(),
    "emulator, none": lambda: Emulator(secret=CANARY, program="/nowhere/emulator"),
    "emulator, not one": lambda: Emulator(secret=CANARY, program=sys.executable),
    "emulator, bad seed": lambda: Emulator(secret=CANARY + CANARY, seed={"clients": [CANARY]}),
}


@pytest.mark.parametrize("name", CALLS)
def test_no_frame_of_ours_holds_a_secret(name: str) -> None:
    assert_hidden(raised(CALLS[name]), CANARY, "canary-")


def test_no_frame_of_ours_holds_the_token_that_a_predicate_refuses(access_token: str) -> None:
    settings = {"access_token": access_token, "authorize": refuse}
    for client in (Client(), AsyncClient()):
        error = raised(lambda client=client: client.m2m.authenticate_token(**settings))
        assert isinstance(error, LookupError)
        assert_hidden(error, access_token)


@pytest.mark.parametrize("make", [Client, AsyncClient])
def test_no_frame_of_ours_holds_the_next_secret_when_its_store_fails(
    make: Callable[[], Any], credential: stytch_m2m.M2MClientWithClientSecret
) -> None:
    stored: list[str] = []

    def store(secret: str) -> None:
        stored.append(secret)
        raise LookupError("the user's own")

    secrets = make().m2m.clients.secrets
    error = raised(lambda: secrets.rotate_with(client_id=credential.client_id, store=store))
    assert_hidden(error, *stored)


def flask_view() -> Any:
    from flask import Flask
    from stytch_m2m.flask import M2MAuth

    app = Flask(__name__)
    authenticated = M2MAuth(TokenVerifier())
    with app.test_request_context(headers={"Authorization": f"Bearer {CANARY}"}):
        return authenticated(required_scopes=["a:b"])(lambda: "")()


def django_view() -> Any:
    os.environ["DJANGO_SETTINGS_MODULE"] = "django_project.settings"
    django.setup()
    from django.test import RequestFactory
    from stytch_m2m._django_settings import authenticate

    request = RequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {CANARY} {CANARY}")
    return authenticate(request, ("a:b",))


async def fastapi_route() -> Any:
    from fastapi.security import SecurityScopes
    from starlette.requests import Request
    from stytch_m2m.fastapi import M2MAuth

    headers = [(b"authorization", f"Bearer {CANARY}".encode())]
    request = Request({"type": "http", "headers": headers})
    return await M2MAuth(AsyncTokenVerifier())(request, SecurityScopes(["a:b"]))


def rest_framework_view() -> Any:
    django.setup()
    from django.test import RequestFactory
    from rest_framework.request import Request
    from stytch_m2m.rest_framework import M2MAuthentication

    request = Request(RequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {CANARY}"))
    return M2MAuthentication().authenticate(request)


@pytest.mark.parametrize("guard", [flask_view, django_view, fastapi_route, rest_framework_view])
def test_no_frame_of_a_guard_holds_the_token(guard: Callable[[], Any]) -> None:
    assert_hidden(raised(guard), CANARY)


@pytest.mark.parametrize("library", ["requests", "httpx"])
def test_no_frame_of_a_plug_holds_a_token_or_a_secret(library: str) -> None:
    source = TokenSource(**GRANT, base_url=NOWHERE)
    plug = importlib.import_module(f"stytch_m2m.{library}").TokenAuth(source, origins=[NOWHERE])
    get = importlib.import_module(library).get
    assert_hidden(raised(lambda: get(NOWHERE, auth=plug)), CANARY)


def test_a_hidden_value_shows_nothing() -> None:
    hidden = stytch_m2m._native.Hidden(CANARY)
    assert CANARY not in f"{hidden!r} {hidden} {vars(type(hidden))}"
    assert hidden.reveal() == CANARY
    with pytest.raises(TypeError):
        vars(hidden)
