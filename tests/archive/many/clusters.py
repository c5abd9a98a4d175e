"""A real scheduler with real workers, for the tests."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


class Cluster:
    """A scheduler of its own and worker processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        known = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", str(known))
        until = time.monotonic() + 60
        self.address = ""
        while not self.address:
            assert self.scheduler.poll() is None
            assert time.monotonic() < until
            with contextlib.suppress(OSError, ValueError):
                self.address = json.loads(known.read_text())["address"]
            time.sleep(0.05)

    def add_worker(self) -> None:
        self.workers.append(
            self._start("worker", self.address, "--nthreads", "1", "--no-nanny",
                        "--local-directory", str(self.folder / "scratch"), "--death-timeout", "60")
        )  # fmt: skip

    def _start(self, kind: str, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *words]
        return subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--no-dashboard"],
            cwd=ROOT, stdout=subprocess.DEVNULL, stderr=(self.folder / f"{kind}.log").open("ab"),
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
