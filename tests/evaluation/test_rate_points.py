"""Points of a curve, the tables they are written as, and the published ratios."""

from __future__ import annotations

import csv
import io
import json
import math

import pytest

from viewer.codecs import registry
from viewer.codecs.base import Target
from viewer.evaluation.published_ratios import PUBLISHED, ZONES, zone_of
from viewer.evaluation.rate_points import (
    RatePoint,
    as_compressai,
    as_table,
    in_turn,
    swept_targets,
)


def point(codec="jpeg2000", bpp=0.5, psnr=40.0, ssim=0.97):
    return RatePoint(codec, Target("bpp", bpp), bpp, 12 / bpp, psnr, ssim, None, 100, 0.1, 0.2)


def test_every_codec_has_targets_it_can_meet():
    for name in registry.names():
        info = registry.get(name).info
        targets = swept_targets(info)
        assert targets
        assert all(target.kind in info.targets for target in targets)
        assert len(set(targets)) == len(targets)
        if targets[0].kind in ("bpp", "quality"):
            assert [t.value for t in targets] == sorted(t.value for t in targets)


def test_a_codec_of_bounded_errors_is_swept_over_them():
    targets = swept_targets(registry.get("jpegls").info)
    assert targets[-1] == Target("lossless")
    errors = [t.value for t in targets if t.kind == "max_error"]
    assert errors == sorted(errors, reverse=True)
    assert len(errors) > 3


def test_codecs_take_turns():
    a, b = [Target("bpp", 1), Target("bpp", 2)], [Target("quality", 5)]
    assert in_turn([("a", a), ("b", b)]) == [("a", a[0]), ("b", b[0]), ("a", a[1])]


def test_a_table_for_spreadsheets():
    rows = list(csv.DictReader(io.StringIO(as_table([point(), point(psnr=math.inf)]))))
    assert rows[0]["asked"] == "bpp 0.5"
    assert float(rows[0]["ratio"]) == 24
    assert rows[0]["ms_ssim"] == ""
    assert rows[1]["psnr_db"] == "inf"


def test_the_shape_of_compressai():
    points = [point(bpp=1.0, psnr=math.inf), point(bpp=0.25), point("vqvae2", 0.5)]
    found = json.loads(json.dumps(as_compressai(points, "one image"), allow_nan=False))
    assert [entry["name"] for entry in found] == ["jpeg2000", "vqvae2"]
    results = found[0]["results"]
    assert results["bpp"] == [0.25, 1.0]
    assert results["psnr"] == [40.0, None]
    assert len({len(values) for values in results.values()}) == 1


@pytest.mark.parametrize(
    ("ratio", "title"),
    [(5, "inside every table"), (10, "inside every table"), (10.1, "inside CAR's alone"),
     (30, "inside CAR's alone"), (31, "outside all"), (500, "outside all")],
)  # fmt: skip
def test_zones(ratio, title):
    assert zone_of(ratio).title == title


def test_published_ratios_have_sources_and_zones_touch():
    assert all(entry.source and entry.says for entry in PUBLISHED)
    assert [zone.high for zone in ZONES[:-1]] == [zone.low for zone in ZONES[1:]]
