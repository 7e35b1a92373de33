"""Pytest's fixture, loaded by pytest itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .testing import Emulator


@pytest.fixture(scope="session")
def _stytch_m2m_emulator_process() -> Iterator[Emulator]:
    from .testing import Emulator

    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def stytch_m2m_emulator(
    _stytch_m2m_emulator_process: Emulator, monkeypatch: pytest.MonkeyPatch
) -> Emulator:
    """Stytch's M2M API on this machine, as at its start, where a `Client()` without arguments finds
    it: the environment names it while the test runs. One server serves all tests; what one
    test loaded is gone in the next."""
    emulator = _stytch_m2m_emulator_process
    emulator.load({})
    for name, value in emulator.environ.items():
        monkeypatch.setenv(name, value)
    return emulator


@pytest.fixture(scope="session")
def stytch_m2m_session_emulator() -> Iterator[Emulator]:
    """The same for fixtures that live as long as the session, or a module: a server of its own,
    which keeps what is loaded. The environment names it until the last test has run, but for the
    tests that use `stytch_m2m_emulator`, which see that one."""
    from .testing import Emulator

    with Emulator() as emulator, pytest.MonkeyPatch.context() as environment:
        for name, value in emulator.environ.items():
            environment.setenv(name, value)
        yield emulator
