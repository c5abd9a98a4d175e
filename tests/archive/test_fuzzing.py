"""A short run of what `make fuzz` does for longer."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from scripts.fuzz_inputs import Seed, _resealed, mutated
from viewer.errors import ArchiveError


@pytest.mark.slow
def test_no_input_crashes_or_hangs(tmp_path: Path) -> None:
    script = Path(__file__).resolve().parents[2] / "scripts" / "fuzz.py"
    words = ["--seconds", "60", "--inputs", "80", "--seed", "5", "--keep", str(tmp_path / "kept")]
    done = subprocess.run(
        [sys.executable, str(script), *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert said["crashes"] == said["hangs over 10 s"] == "0"
    assert int(said["inputs tried"].split()[0]) > 30
    for kind in ("archive", "bitstream", "dicom", "raster", "folder"):
        assert kind in said["inputs tried"]
    assert re.fullmatch(r"\d+ MiB", said["peak memory"])


def test_damage_behind_right_hashes_is_reached(archive: Path) -> None:
    from viewer.archive.container import read_tail
    from viewer.archive.verification import verify

    data = archive.read_bytes()
    differ = 0
    for seed in range(30):
        changed = archive.with_name("changed.radz")
        changed.write_bytes(_resealed(data, random.Random(seed)))
        with changed.open("rb") as stream:
            assert read_tail(stream, changed.stat().st_size) is not None
        try:
            found = verify(changed)
        except (ArchiveError, ValueError, zlib.error):  # the fake codec is no model of care
            differ += 1
            continue
        # The hash of the file is right: what is found lies deeper.
        assert not any("its SHA-256 differs" in problem for problem in found.problems)
        differ += not found.ok
    assert differ


def test_the_same_seed_gives_the_same_inputs() -> None:
    seed = Seed("raster", "x", bytes(range(256)) * 4)
    first = [mutated(seed, [seed], random.Random(4)) for _ in range(3)]
    assert first == [mutated(seed, [seed], random.Random(4)) for _ in range(3)]
    assert first[0] != seed.data
