"""One package a process: its classes exist once, as the native module knows them."""

from __future__ import annotations

import sys

PACKAGE = "stytch_m2m"


def refuse_sub_interpreters() -> None:
    """Raises `ImportError` in any interpreter but the main one: native threads enter no other."""
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            interpreters = __import__(name)
        except ImportError:
            continue
        if interpreters.get_current() != interpreters.get_main():
            raise ImportError(
                f"{PACKAGE} cannot be imported in a sub-interpreter: import it in the main one"
                " (under mod_wsgi: WSGIApplicationGroup %{GLOBAL})"
            )
        return


def restore() -> None:
    """Puts the modules of the first import back, if they were removed from `sys.modules`: a second
    set of classes would deny what the native module makes."""
    from . import _native

    modules = _native.modules()
    package = modules.get(PACKAGE)
    if package is None:
        return
    for module in [*vars(package).values(), *modules.values()]:
        name = getattr(module, "__name__", "")
        if isinstance(module, type(sys)) and name.partition(".")[0] == PACKAGE:
            sys.modules[name] = module


def register(name: str) -> None:
    """Says that this module was imported. Raises `ImportError` if it had been before."""
    from . import _native

    module = sys.modules[name]
    if _native.modules().setdefault(name, module) is not module:
        raise ImportError(
            f"{name} was removed from sys.modules, and imported again without {PACKAGE}: its"
            f" classes exist once a process. Remove {PACKAGE} and all of its modules, or none"
        )


def imported_by_native() -> None:
    """Never called: shows to what packs programs, such as PyInstaller, which modules the native
    module imports."""
    import contextvars as contextvars
    import datetime as datetime
    import json as json
    import logging as logging
    import threading as threading

    from . import _asyncio as _asyncio
    from . import _errors as _errors
    from . import _gevent as _gevent
    from . import _issuer as _issuer
    from . import _models as _models
    from . import _secret as _secret


refuse_sub_interpreters()
restore()
