"""Python beside its peers, in one run: see `benches/README.md`."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version

from calls import calls
from importing import importing
from measure import Raw
from verify import verification

PEERS = ("stytch-m2m", "stytch", "PyJWT", "python-jose", "joserfc", "cryptography", "requests")


def main() -> None:
    versions = {name: version(name) for name in PEERS}
    print(json.dumps({"versions": {"Python": platform.python_version(), **versions}}))
    importing()
    calls()
    with Raw() as raw:
        verification(raw)


if __name__ == "__main__":
    main()
