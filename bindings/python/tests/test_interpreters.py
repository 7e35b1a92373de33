"""One package a process: sub-interpreters, modules that are imported again, programs that are
packed."""

from __future__ import annotations

import dis
import importlib
import re
import sys
from pathlib import Path

import pytest
import stytch_m2m._process
from processes import finish, python
from support import closed_port

SOURCES = Path(__file__).parents[1] / "src"


def test_a_sub_interpreter_is_refused_and_harms_nobody() -> None:
    script = """
        import sys, threading
        legacy = sys.version_info >= (3, 13)
        interpreters = __import__("_interpreters" if legacy else "_xxsubinterpreters")
        other = interpreters.create("legacy") if legacy else interpreters.create(isolated=False)
        program = f"import sys; sys.path[:] = {sys.path!r}; import stytch_m2m"
        try:
            said = str(interpreters.run_string(other, program))
        except Exception as error:
            said = str(error)
        assert "stytch_m2m cannot be imported in a sub-interpreter" in said, said
        assert "WSGIApplicationGroup" in said
        interpreters.destroy(other)

        from stytch_m2m import KeysUnavailableError, TokenVerifier

        def wait():
            try:
                TokenVerifier(base_url=sys.argv[1]).warm_up()
            except KeysUnavailableError:
                print("answered")

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        thread.join(10)
    """
    assert finish(python(script, f"http://127.0.0.1:{closed_port()}")) == "answered\n"


PURGED = """
import os, sys
import stytch_m2m, stytch_m2m.testing
from stytch_m2m import StytchM2MError, TokenClaims, TokenVerifier

os.environ["DJANGO_SETTINGS_MODULE"] = "django_project.settings"
before = stytch_m2m, StytchM2MError, TokenClaims
claims = TokenVerifier().authenticate_token(access_token=sys.argv[1])
for name in [name for name in sys.modules if name.partition(".")[0] == "stytch_m2m" and (
    sys.argv[2] == "all" or name == "stytch_m2m"
)]:
    del sys.modules[name]

import stytch_m2m.testing
from stytch_m2m import InvalidTokenError, StytchM2MError, TokenClaims, TokenVerifier

assert (StytchM2MError, TokenClaims) == before[1:]
again = TokenVerifier().authenticate_token(access_token=sys.argv[1])
assert isinstance(claims, TokenClaims) and isinstance(again, TokenClaims)
try:
    TokenVerifier().authenticate_token(access_token="x")
except InvalidTokenError as error:
    assert isinstance(error, before[1])

import django
django.setup()
from rest_framework.test import APIClient
caller = APIClient()
caller.credentials(HTTP_AUTHORIZATION=f"Bearer {sys.argv[1]}")
assert caller.get("/drf/users").status_code == 200
print("the same")
"""


@pytest.mark.parametrize("what", ["all", "the package alone"])
def test_a_package_that_is_imported_again_has_the_classes_that_it_had(
    what: str, access_token: str
) -> None:
    assert finish(python(PURGED, access_token, what)) == "the same\n"


@pytest.mark.parametrize("module", ["_errors", "_models"])
def test_a_module_that_is_imported_again_alone_says_what_to_do(module: str) -> None:
    script = """
        import importlib, sys
        import stytch_m2m
        name = f"stytch_m2m.{sys.argv[1]}"
        importlib.import_module(name)
        del sys.modules[name]
        try:
            importlib.import_module(name)
        except ImportError as error:
            print(error)
    """
    assert "Remove stytch_m2m and all of its modules, or none" in finish(python(script, module))


def test_a_reloaded_package_is_the_same() -> None:
    before = stytch_m2m.Client, stytch_m2m.StytchM2MError
    assert importlib.reload(stytch_m2m) is stytch_m2m
    assert (stytch_m2m.Client, stytch_m2m.StytchM2MError) == before


def test_what_packs_programs_finds_what_the_native_module_imports() -> None:
    """PyInstaller and its like find the imports that Python code names, and no others."""
    sources = "".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.rs"))
    imported = set(re.findall(r'\.import\("([\w.]+)"\)', sources)) - set(sys.builtin_module_names)
    assert {"json", "stytch_m2m._errors"} <= imported
    shown = stytch_m2m._process.imported_by_native.__code__
    named = {item.argval for item in dis.get_instructions(shown) if item.opname == "IMPORT_NAME"}
    own = {f"stytch_m2m.{name}" for name in shown.co_names}
    assert imported <= named | own
