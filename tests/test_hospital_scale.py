"""The arithmetic of docs/SCALE.md."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "scripts" / "hospital_scale.py"
ROW = {
    "what": "radview archive --codec x, ratio 20",
    "images_per_second": 2.0,
    "megapixels_per_second": 4.0,  # two megapixels an image
    "core_seconds": 3.6,
    "bytes_an_image": 100_000.0,
}


def test_a_year_is_worked_out_by_hand(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("hospital_scale", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["hospital_scale"] = module
    spec.loader.exec_module(module)
    hospital = module.Hospital(
        studies=1000, images=2, megapixels=4, core_hour=0.5, terabyte_year=100, years=10, copies=2
    )
    found = module.need(ROW, hospital)
    # 8000 megapixels, 1.8 core-seconds and 50 kB each
    assert found.core_hours == pytest.approx(4.0)
    assert found.terabytes == pytest.approx(4e-4)
    assert found.computing == pytest.approx(4.0 * 0.5 / 1000)
    assert found.storing == pytest.approx(4e-4 * 2 * 10 * 100 / 1000)
    assert found.cores_at_peak == pytest.approx(hospital.peak * 4.0 / 8760)
    assert module.native(hospital).terabytes == pytest.approx(0.016)
    del sys.modules["hospital_scale"]


def test_it_prints_a_table(tmp_path: Path) -> None:
    speeds = tmp_path / "speed.json"
    speeds.write_text(json.dumps([{**ROW, "what": "OpenJPEG"}, ROW]))
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(speeds), "--studies", "10"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.count("\n") == 4 + 1 + 11
    assert "radview archive --codec x" in done.stdout
