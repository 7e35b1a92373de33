"""What it costs to import this package, beside the official client and the bare interpreter.

    python benches/python/importing.py

Medians of interleaved rounds: milliseconds from start to exit, and megabytes at the most.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from statistics import median

ROUNDS = 25
PROGRAMS = {
    "bare interpreter": "pass",
    "import stytch_m2m": "import stytch_m2m",
    "the same, and a client": "import stytch_m2m; stytch_m2m.Client(project_id='p', secret='s')",
    "the same, and its records": "from stytch_m2m import Client, Token, TokenClaims",
    "import stytch (official)": "import stytch",
}


def run(program: str) -> tuple[float, float, float]:
    """Seconds that passed, seconds of processor time, and bytes."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", program])
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, program
    passed = time.perf_counter() - started
    return passed, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def main() -> None:
    taken: dict[str, list[tuple[float, float, float]]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name, program in PROGRAMS.items():
            taken[name].append(run(program))
    print("| | ms | of processor time | MB |\n|---|---|---|---|")
    for name, runs in taken.items():
        passed, used, size = (median(column) for column in zip(*runs, strict=True))
        print(f"| {name} | {passed * 1e3:.1f} | {used * 1e3:.1f} | {size / 1e6:.1f} |")


if __name__ == "__main__":
    main()
