"""What it costs to import this package and the official client, over the bare interpreter."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

from measure import OURS, emit

ROUNDS = 25
PROGRAMS = {"bare": "", OURS: "import stytch_m2m", "stytch": "import stytch"}
# Not what the system says of a process that has ended: that counts this one, before its exec, too.
PEAK = "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"


def run(program: str) -> tuple[float, float]:
    """Milliseconds and megabytes."""
    started = time.perf_counter()
    kilobytes = subprocess.check_output([sys.executable, "-c", f"{program}\n{PEAK}"])
    return (time.perf_counter() - started) * 1e3, int(kilobytes) / 1024


def importing() -> None:
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name, program in PROGRAMS.items():
            taken[name].append(run(program))
    time_of, size_of = (
        {name: median(run[column] for run in runs) for name, runs in taken.items()}
        for column in (0, 1)
    )
    for name in (OURS, "stytch"):
        emit("import", name, "milliseconds", time_of[name] - time_of["bare"])
        emit("import", name, "megabytes", size_of[name] - size_of["bare"])
