"""The types that users see are right, and are those of the native module."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[3] / "examples" / "python"


@pytest.mark.parametrize(
    "command",
    [
        ["mypy", "--strict", "--package", "stytch_m2m"],
        ["mypy", "--strict", str(EXAMPLES)],
        ["mypy.stubtest", "stytch_m2m._native"],
    ],
    ids=["package", "examples", "stubs"],
)
def test_types(command: list[str], tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_settings_of_an_emulator_are_arguments_of_a_client(checker: str, tmp_path: Path) -> None:
    if checker == "pyright" and shutil.which("node") is None and not os.environ.get("CI"):
        pytest.skip("pyright needs node")
    (tmp_path / "typed.py").write_text(
        "from stytch_m2m import AsyncClient, Client\n"
        "from stytch_m2m.testing import Emulator\n"
        "emulator = Emulator()\n"
        "clients = Client(**emulator.settings), AsyncClient(**emulator.settings)\n"
    )
    strict = {"mypy": ["--strict"], "pyright": []}[checker]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    run = subprocess.run(
        [sys.executable, "-m", checker, *strict, "typed.py"],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_public_type_is_known(tmp_path: Path) -> None:
    if shutil.which("node") is None and not os.environ.get("CI"):
        pytest.skip("pyright needs node")
    # It looks for the package where the first Python on the path has its own.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    run = subprocess.run(
        [sys.executable, "-m", "pyright", "--ignoreexternal", "--verifytypes", "stytch_m2m"],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
