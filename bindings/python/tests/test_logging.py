"""The core's events arrive in `logging`, and are silent for those who do not ask."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest
from stytch_m2m import KeysUnavailableError, TokenVerifier
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
