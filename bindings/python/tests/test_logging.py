"""The core's events arrive in `logging`, and are silent for those who do not ask."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest
from processes import finish, python
from stytch_m2m import (
    IssuerConfig,
    KeysUnavailableError,
    M2MClientWithClientSecret,
    TokenVerifier,
)
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
