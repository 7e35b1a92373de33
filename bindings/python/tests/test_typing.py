"""The types that users see are right, and are those of the native module."""

from __future__ import annotations

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
        ["mypy.stubtest", "stytch_m2m._core"],
    ],
    ids=["package", "examples", "stubs"],
)
def test_types(command: list[str], tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
