"""Numbers and names as they are shown."""

from __future__ import annotations

import math

import pytest

from viewer.images.radiograph import LossyHistory
from viewer.ui import formatting


@pytest.mark.parametrize(
    ("value", "text"), [(18.24, "18:1"), (9.96, "10:1"), (9.94, "9.9:1"), (2.13, "2.1:1")]
)
def test_ratio_in_mark(value, text):
    assert formatting.ratio_in_mark(value) == text


@pytest.mark.parametrize(
    ("history", "text"),
    [
        (LossyHistory(), ""),
        (LossyHistory(True), "lossy when opened"),
        (LossyHistory(True, (10.0,), ("ISO_10918_1",)), "lossy 10:1 JPEG when opened"),
        (
            LossyHistory(True, (10.0, 4.5), ("ISO_10918_1", "VQVAE2_1")),
            "lossy 10:1 JPEG, 4.5:1 VQVAE2 1 when opened",
        ),
        (LossyHistory(True, (), ("ISO_15444_1",)), "lossy JPEG 2000 when opened"),
    ],
)
def test_lossy_before(history, text):
    assert formatting.lossy_before(history) == text


def test_figures():
    assert formatting.decibels(50.94) == "50.9 dB"
    assert formatting.decibels(math.inf) == "identical"
    assert formatting.decibels(None) == "–"
    assert formatting.similarity(None) == "–"
    assert formatting.bits_per_pixel(0.0451) == "0.045 bpp"
    assert formatting.seconds(0.0352) == "35 ms"
    assert formatting.size(337_100) == "337.1 kB"


@pytest.mark.parametrize(
    ("raw", "text"),
    [("20040826", "2004-08-26"), ("1993.02.24", "1993-02-24"), ("", ""), ("May", "May")],
)
def test_dates(raw, text):
    assert formatting.date(raw) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [("Doe^Jane", "Doe, Jane"), ("Doe^Jane^^Dr", "Doe, Jane"), ("", ""), ("X=Y", "X")],
)
def test_names(raw, text):
    assert formatting.person(raw) == text
