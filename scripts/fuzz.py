"""Throw damaged and hostile files at everything that reads files; count what goes wrong.

    python scripts/fuzz.py --seconds 60 --seed 1

An input may be opened or refused with a named sentence (`RadviewError`). Anything else is a crash:
another exception, a killed process, a file written outside the target folder. An input that takes
over ten seconds twice is a hang. Prints inputs tried, crashes, hangs and the largest memory of a
reader; exits with 1 when there was a crash or a hang, and keeps those inputs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import select
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.fuzz_inputs import Seed, make_seeds, mutated

HANG_SECONDS = 10.0
START_SECONDS = 120.0
MEMORY_LIMIT = 8 << 30


@dataclass
class Counts:
    """What happened so far."""

    inputs: Counter[str] = field(default_factory=Counter)
    opened: int = 0
    refused: int = 0
    crashes: list[str] = field(default_factory=list)
    hangs: list[str] = field(default_factory=list)
    slow_once: int = 0
    peak_kib: int = 0


class Reader:
    """A process that reads one input after the other, and is replaced when it dies.

    Parameters
    ----------
    scratch : Path
        Where it makes its temporary files: a process that is killed cannot remove them.
    """

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._process: subprocess.Popen[str] | None = None

    def read(self, kind: str, path: Path) -> dict[str, object]:
        """Return what the process says of a file: "opened", "refused", "crash" or "hang"."""
        if self._process is None:
            self._start()
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps([kind, str(path)]) + "\n")
            self._process.stdin.flush()
            line = self._line(HANG_SECONDS)
        except OSError:
            line = ""
        if line is None:
            self.close()
            return {"result": "hang", "why": f"over {HANG_SECONDS:.0f} s"}
        if not line:
            code = self._process.wait()
            self._process = None
            return {"result": "crash", "why": f"the process ended with {code}"}
        answer: dict[str, object] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--reader"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=dict(os.environ, TMPDIR=str(self._scratch)),
        )
        if self._line(START_SECONDS) != "ready\n":
            raise SystemExit("The reader does not start; run it alone: fuzz.py --reader")

    def _line(self, seconds: float) -> str | None:
        """Return the next line, "" at the end, None when it takes too long."""
        assert self._process is not None
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        return self._process.stdout.readline() if ready else None


def fuzz(seconds: float, inputs: int, seed: int, kept: Path) -> Counts:
    """Try mutated inputs until the time or the number is used up."""
    counts, generator = Counts(), random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="radview-fuzz-") as name:
        folder = Path(name)
        scratch = folder / "scratch"
        scratch.mkdir()
        reader = Reader(scratch)
        seeds = make_seeds(folder)
        end = time.monotonic() + seconds
        number = 0
        while number < inputs and time.monotonic() < end:
            chosen = seeds[number % len(seeds)]
            data = mutated(chosen, seeds, generator) if number >= len(seeds) else chosen.data
            _try_one(counts, reader, chosen, data, folder, kept, f"{seed}-{number}")
            number += 1
        reader.close()
    return counts


def _try_one(
    counts: Counts, reader: Reader, seed: Seed, data: bytes, folder: Path, kept: Path, name: str
) -> None:
    path = folder / f"input{seed.suffix}"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    answer = reader.read(seed.kind, path)
    if answer["result"] == "hang":  # by the input, or by a machine that is busy with other things?
        counts.slow_once += 1
        answer = reader.read(seed.kind, path)
    counts.inputs[seed.kind] += 1
    result = answer["result"]
    counts.peak_kib = max(counts.peak_kib, int(str(answer.get("peak_kib", 0))))
    if result == "opened":
        counts.opened += 1
    elif result == "refused":
        counts.refused += 1
    else:
        kept.mkdir(exist_ok=True)
        (kept / f"{name}-{seed.kind}{seed.suffix.replace('/', '-')}").write_bytes(data)
        place = counts.hangs if result == "hang" else counts.crashes
        place.append(f"{name} {seed.kind} ({seed.name}): {answer['why']}")


def serve() -> None:
    """Read inputs named on standard input and answer a line for each."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    from scripts.fuzz_readers import read, warm_up
    from viewer.errors import RadviewError

    warm_up()
    print("ready", flush=True)
    for line in sys.stdin:
        kind, path = json.loads(line)
        why = ""
        try:
            read(kind, Path(path))
            result = "opened"
        except RadviewError as error:
            result = "refused" if str(error).strip() else "crash"
        except BaseException:
            result, why = "crash", traceback.format_exc(limit=-4)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"result": result, "why": why, "peak_kib": peak}), flush=True)


def main() -> int:
    """Run, print the figures, and return 1 when anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-failures"))
    parser.add_argument("--reader", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.reader:
        serve()
        return 0
    counts = fuzz(arguments.seconds, arguments.inputs, arguments.seed, arguments.keep)
    for sentence in (*counts.crashes, *counts.hangs):
        print(sentence)
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.inputs.items()))
    print(f"inputs tried: {sum(counts.inputs.values())} ({kinds})")
    print(f"opened: {counts.opened}, refused in a sentence: {counts.refused}")
    print(f"crashes: {len(counts.crashes)}")
    print(f"hangs over {HANG_SECONDS:.0f} s: {len(counts.hangs)}")
    if counts.slow_once > len(counts.hangs):
        print(f"slow once and not again: {counts.slow_once - len(counts.hangs)}")
    print(f"peak memory: {counts.peak_kib / 1024:.0f} MiB")
    return 1 if counts.crashes or counts.hangs else 0


if __name__ == "__main__":
    sys.exit(main())
