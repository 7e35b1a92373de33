"""An import takes little, and brings no framework along."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"asyncio", "dataclasses", "inspect", "re", "typing"}
OPTIONAL = {"aiohttp", "django", "fastapi", "flask", "httpx", "pytest", "requests"}


def imported(program: str) -> set[str]:
    """The modules that the program brings in."""
    script = f"import json, sys; before = set(sys.modules); {program}; "
    script += "print(json.dumps(sorted(set(sys.modules) - before)))"
    # Without `site`, which imports what is installed beside.
    path = json.dumps([path for path in sys.path if path])
    command = [sys.executable, "-S", "-c", f"import sys; sys.path = {path}; {script}"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(run.stdout)}


def test_what_is_seldom_used_is_not_imported() -> None:
    used = "import stytch_m2m; stytch_m2m.Client(project_id='project-test-1')"
    assert not imported(used) & (HEAVY | OPTIONAL)


def test_every_name_is_there_when_named() -> None:
    assert "dataclasses" in imported("from stytch_m2m import *; Token; TransportSettings")
    assert not imported("from stytch_m2m.testing import Emulator") & OPTIONAL


@pytest.mark.parametrize(
    ("integration", "needed", "extra"),
    [
        ("aiohttp", "aiohttp", "aiohttp"),
        ("django", "asgiref", "django"),
        ("django", "django", "django"),
        ("fastapi", "fastapi", "fastapi"),
        ("flask", "flask", "flask"),
        ("httpx", "httpx", "httpx"),
        ("requests", "requests", "requests"),
        ("rest_framework", "rest_framework", "djangorestframework"),
    ],
)
def test_an_integration_without_its_framework_says_what_installs_it(
    integration: str, needed: str, extra: str
) -> None:
    program = f"import sys; sys.modules[{needed!r}] = None; import stytch_m2m.{integration}"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    last = run.stderr.splitlines()[-1]
    assert last.startswith("ModuleNotFoundError: No module named '" + needed)
    assert last.endswith(f": pip install 'stytch-m2m[{extra}]'")


def test_a_name_that_is_not_there_is_an_error() -> None:
    import stytch_m2m

    assert not hasattr(stytch_m2m, "nonsense")
    assert set(stytch_m2m.__all__) <= set(dir(stytch_m2m))
