"""The core's events arrive in `logging`, and are silent for those who do not ask."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

import pytest
from processes import finish, python
from stytch_m2m import (
    AsyncClient,
    AsyncTokenSource,
    Client,
    IssuerConfig,
    KeysUnavailableError,
    M2MClientWithClientSecret,
    TokenSource,
    TokenVerifier,
)
from stytch_m2m.testing import Emulator
from support import closed_port, eventually


def test_events_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    def logged(level: int, text: str) -> bool:
        return any(
            record.name == "stytch_m2m" and record.levelno == level and text in record.getMessage()
            for record in caplog.records
        )

    with caplog.at_level(logging.DEBUG, logger="stytch_m2m"):
        TokenVerifier().warm_up()
        assert eventually(lambda: logged(logging.DEBUG, "keys=1"))
        with pytest.raises(KeysUnavailableError):
            TokenVerifier(base_url=f"http://127.0.0.1:{closed_port()}").warm_up()
        assert eventually(lambda: logged(logging.WARNING, "code=network"))


HOST = os.environ["STYTCH_BASE_URL"].removeprefix("http://")
REQUEST: ContextVar[str] = ContextVar("REQUEST", default="")


class AddsTheRequest(logging.Filter):
    """What a service has in its logging to find all events of one request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = REQUEST.get()
        return True


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    logger, added = logging.getLogger("stytch_m2m"), AddsTheRequest()
    logger.addFilter(added)
    with caplog.at_level(logging.DEBUG, logger="stytch_m2m"):
        yield caplog
    logger.removeFilter(added)


def events(log: pytest.LogCaptureFixture, request: str, text: str) -> list[dict[str, Any]]:
    """The fields of the events that have this text, and were logged for this request."""
    return [
        vars(record)["stytch_m2m"]
        for record in list(log.records)
        if vars(record).get("request") == request and record.getMessage().startswith(f"{text} ")
    ]


async def test_events_carry_the_callers_context(
    log: pytest.LogCaptureFixture, credential: M2MClientWithClientSecret
) -> None:
    of = {"client_id": credential.client_id, "client_secret": credential.client_secret}

    def in_a_thread(request: str) -> None:
        REQUEST.set(request)
        with TokenSource(**of) as source, Client() as client:
            source.get_token()
            client.m2m.clients.get(client_id=credential.client_id)

    async def in_a_task(request: str) -> None:
        REQUEST.set(request)
        async with AsyncTokenSource(**of) as source, AsyncClient() as client:
            await source.get_token()
            await client.m2m.clients.get(client_id=credential.client_id)

    threads = [f"thread {number}" for number in range(3)]
    tasks = [f"task {number}" for number in range(3)]
    with ThreadPoolExecutor() as pool:
        running = [pool.submit(in_a_thread, name) for name in threads]
        await asyncio.gather(*(in_a_task(name) for name in tasks))
        for thread in running:
            thread.result()

    for name in threads + tasks:
        assert eventually(lambda name=name: len(events(log, name, "answered")) == 2)
        assert eventually(lambda name=name: events(log, name, "access token fetched"))
        answered, fetched = (events(log, name, t) for t in ("answered", "access token fetched"))
        assert {event["operation"] for event in answered} == {"token", "get"}
        assert {event["host"] for event in answered + fetched} == {HOST}
        assert all(event["request_id"] and event["elapsed_ms"] >= 0 for event in answered)
        assert fetched[0]["elapsed_ms"] >= 0
        assert all(credential.client_id not in event["path"] for event in answered)
    assert REQUEST.get() == ""


def test_a_refresh_in_the_background_carries_the_context_of_the_call_that_started_it(
    log: pytest.LogCaptureFixture,
) -> None:
    seed = {"clients": [{"client_id": "a", "client_secret": "secret-of-a", "scopes": []}]}
    with Emulator(seed=seed) as emulator:
        emulator.set_token_settings({"lifetime_seconds": 2})
        settings = {"project_id": emulator.project_id, "base_url": emulator.base_url}
        source = TokenSource(client_id="a", client_secret="secret-of-a", **settings)
        first = source.get_token().access_token
        REQUEST.set("refresh")
        try:
            assert eventually(lambda: source.get_token().access_token != first)
            assert eventually(lambda: events(log, "refresh", "access token fetched"))
        finally:
            REQUEST.set("")


def test_a_warning_carries_the_callers_context_and_what_failed(
    log: pytest.LogCaptureFixture,
) -> None:
    token = REQUEST.set("warm-up")
    try:
        with pytest.raises(KeysUnavailableError):
            TokenVerifier(project_id="project-test-unknown").warm_up()
    finally:
        REQUEST.reset(token)
    assert eventually(lambda: events(log, "warm-up", "cannot fetch keys"))
    (fields,) = events(log, "warm-up", "cannot fetch keys")
    assert fields["host"] == HOST
    assert fields["code"] == "not_found" and fields["request_id"] and fields["elapsed_ms"] >= 0


def test_nobody_asked_and_nothing_is_printed() -> None:
    script = """
        from stytch_m2m import StytchM2MError, TokenVerifier
        try:
            TokenVerifier(base_url="http://127.0.0.1:PORT").warm_up()
        except StytchM2MError as error:
            print(error.code)
    """.replace("\n        ", "\n")
    command = [sys.executable, "-c", script.replace("PORT", str(closed_port()))]
    run = subprocess.run(command, capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("keys_unavailable\n", "")


def test_the_end_of_the_process_waits_for_the_event_that_says_why() -> None:
    script = """
        import logging, sys, time
        from stytch_m2m import StytchM2MError, TokenVerifier

        class Slow(logging.Handler):
            def emit(self, record):
                time.sleep(0.3)
                print(record.levelname, file=sys.stderr, flush=True)

        logging.getLogger("stytch_m2m").addHandler(Slow())
        try:
            TokenVerifier(base_url="http://127.0.0.1:PORT").warm_up()
        except StytchM2MError as error:
            sys.exit(error.code)
    """.replace("\n        ", "\n")
    command = [sys.executable, "-c", script.replace("PORT", str(closed_port()))]
    run = subprocess.run(command, capture_output=True, text=True)
    assert "WARNING" in run.stderr


@pytest.mark.parametrize("work", ["source.get_token()", "verify()"])
def test_a_log_handler_that_makes_calls_of_its_own_does_not_deadlock(
    work: str, credential: M2MClientWithClientSecret, access_token: str
) -> None:
    script = """
        import logging, sys, threading
        from stytch_m2m import Client, TokenSource, TokenVerifier

        client_id, client_secret, access_token = sys.argv[1:]
        source = TokenSource(client_id=client_id, client_secret=client_secret)
        begun, handled = threading.Event(), threading.Event()

        def verify():
            TokenVerifier().authenticate_token(access_token=access_token)

        class Handler(logging.Handler):
            def emit(self, record):
                if not begun.is_set():
                    begun.set()
                    WORK
                    handled.set()

        logging.getLogger("stytch_m2m").addHandler(Handler())
        logging.getLogger("stytch_m2m").setLevel(logging.DEBUG)
        Client().m2m.token(client_id=client_id, client_secret=client_secret)
        verify()
        print(handled.wait(10))
    """
    arguments = credential.client_id, credential.client_secret, access_token
    assert finish(python(script.replace("WORK", work), *arguments)) == "True\n"


def test_events_are_logged_in_their_order(caplog: pytest.LogCaptureFixture) -> None:
    names = [f"https://{number}.example.com" for number in range(20)]
    with caplog.at_level(logging.WARNING, logger="stytch_m2m"):
        for name in names:
            jwks_url = f"http://127.0.0.1:{closed_port()}"
            issuer = IssuerConfig.oauth(issuer=name, audiences=["api"], jwks_url=jwks_url)
            with pytest.raises(KeysUnavailableError):
                TokenVerifier(issuers=[issuer]).warm_up()
        assert eventually(lambda: len(caplog.records) >= len(names))
    logged = [record.getMessage() for record in caplog.records]
    assert all(name in message for name, message in zip(names, logged, strict=True))
