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
