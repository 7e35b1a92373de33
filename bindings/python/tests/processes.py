"""Processes of the tests' own: Python programs, and a Redis."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import pytest
from support import DIRECT, accepts, closed_port, eventually

LIMIT_SECONDS = 60


def python(script: str, *arguments: str) -> subprocess.Popen[str]:
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", dedent(script), *arguments],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str], told: str = "") -> str:
    """What it printed. It has to end in time, well, and without a complaint."""
    try:
        output, complaints = process.communicate(told, timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        pytest.fail(f"it did not end within {LIMIT_SECONDS} s")
    assert (process.returncode, complaints) == (0, "")
    return output


@contextmanager
def redis() -> Iterator[str]:
    """A Redis on a free port, and its URL."""
    port = closed_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
    try:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    except FileNotFoundError:
        if os.environ.get("CI"):
            raise
        pytest.skip("redis-server is not installed")
    try:
        assert eventually(lambda: accepts(port)), "redis-server does not answer"
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def fetch(url: str, token: str = "") -> tuple[int, str]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    try:
        with DIRECT.open(request, timeout=20) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@contextmanager
def running(*command: str, folder: Path) -> Iterator[str]:
    """A server started by `command`, in which PORT stands for a free port; its base URL."""
    port = str(closed_port())
    process = subprocess.Popen(
        [sys.executable, "-m", *(part.replace("PORT", port) for part in command)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    base_url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return fetch(base_url)[0] > 0
        except OSError:
            return process.poll() is not None

    try:
        assert eventually(answers, seconds=30)
        assert process.poll() is None, process.communicate()[0]
        yield base_url
    finally:
        process.terminate()
        output, _ = process.communicate(timeout=30)
    assert "Traceback" not in output, output
