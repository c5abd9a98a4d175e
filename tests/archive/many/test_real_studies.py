"""Real studies of many makers, archived together."""

from __future__ import annotations

from pathlib import Path

import pytest

from viewer.archive.many.archiving import archive_many
from viewer.archive.many.settings import Settings
from viewer.archive.verification import verify
from viewer.codecs.base import Target


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_real_studies_come_back(shared_data: Path, tmp_path: Path) -> None:
    source, out = shared_data / "dicom", tmp_path / "out"
    settings = Settings("jpeg2000", Target("ratio", 10))
    summary = archive_many([source], out, settings, copy=True)
    assert len(list(summary.rows)) + len(summary.bad) >= 18
    assert all(verify(path).ok for path in out.glob("*.radz"))
    assert archive_many([source], out, settings, copy=True).resumed == len(
        [each for each in summary.outcomes if each.archive]
    )
