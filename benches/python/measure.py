"""Interleaved rounds, their medians, and the lines that `cargo xtask bench` reads."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from copy import copy
from pathlib import Path
from statistics import median
from types import TracebackType

OURS = "stytch-m2m"
DATA = Path(os.environ["BENCH_DATA"])

Round = Callable[[int], None]


def emit(work: str, who: str, unit: str, figure: float) -> None:
    print(json.dumps({"work": work, "who": who, unit: figure}), flush=True)


def lines(name: str) -> list[str]:
    return (DATA / name).read_text().splitlines()


class Raw:
    """The bare signature check, in a process of its own."""

    _tokens = "tokens.txt"

    def __enter__(self) -> Raw:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            os.environ["BENCH_RAW"], stdin=pipe, stdout=pipe, text=True
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def of(self, tokens: str) -> Raw:
        """The same, of messages as long as those of this file."""
        other = copy(self)
        other._tokens = tokens
        return other

    def microseconds(self, checks: int) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(checks, self._tokens, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())


def measure(
    work: str, units: int, contenders: dict[str, Round], *, rounds: int, raw: Raw | None = None
) -> None:
    """Each does a round of `units` in turn; the first one does not count."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    bare = []
    for number in range(rounds + 1):
        if raw is not None:
            bare.append(raw.microseconds(units))
        for name, contender in contenders.items():
            started = time.perf_counter()
            contender(number)
            taken[name].append((time.perf_counter() - started) / units * 1e6)
    if raw is not None:
        emit(work, "raw", "microseconds", median(bare[1:]))
    for name, times in taken.items():
        emit(work, name, "microseconds", median(times[1:]))
