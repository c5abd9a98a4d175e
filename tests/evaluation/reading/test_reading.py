"""Blind reading without pictures: plans, answers, what is kept, what is found."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.errors import MeasureError
from viewer.evaluation.reading.plan import Candidate, make_plan
from viewer.evaluation.reading.record import Coded, Reading, read, write
from viewer.evaluation.reading.summary import summarise, wilson
from viewer.evaluation.reading.table import COLUMNS, answers_csv, summary_csv

J2K = Candidate("jpeg2000", "ratio", 20.0)
VQ = Candidate("vqvae2", "ratio", 40.0, "ab" * 32)
IMAGES = ("11" * 32, "22" * 32, "33" * 32)
LATER = {"trial": 5, "seconds": 1.0, "at": ""}
AT = "2026-01-31T10:15:30Z"


def reading(task="choice", **changes) -> Reading:
    plan = make_plan(IMAGES, (J2K, VQ), task=task, seed=5, **changes)
    coded = tuple((Coded(20.1, 0.6, 48.2), Coded(39.8, 0.3, None)) for _ in IMAGES)
    return Reading(plan, (), "R1", coded)


@settings(max_examples=40, deadline=None)
@given(
    images=st.integers(1, 5), codings=st.integers(1, 4), repeats=st.integers(1, 5),
    practice=st.integers(0, 4), seed=st.integers(0, 99), task=st.sampled_from(["choice", "scale"]),
)  # fmt: skip
def test_every_coding_of_every_image_is_shown_as_often_and_on_both_sides(
    images, codings, repeats, practice, seed, task
):
    candidates = [Candidate("c", "ratio", float(n)) for n in range(codings)]
    hashes = [f"{n:064x}" for n in range(images)]
    asked = {"task": task, "repeats": repeats, "practice": practice, "seed": seed}
    plan = make_plan(hashes, candidates, **asked)
    assert plan == make_plan(hashes, candidates, **asked)
    assert [trial.practice for trial in plan.trials[:practice]] == [True] * practice
    real = plan.trials[practice:]
    assert not any(trial.practice for trial in real)
    shown = Counter((trial.image, trial.coding) for trial in real)
    first = 1 if task == "choice" else 0
    assert set(shown) == {(i, c) for i in range(images) for c in range(first, codings + 1)}
    assert set(shown.values()) == {repeats}
    for (image, coding), count in shown.items():
        sides = [t.original_side for t in real if (t.image, t.coding) == (image, coding)]
        if coding:
            assert abs(sides.count(1) - sides.count(2)) <= count % 2
    if images > 1:
        assert all(a.image != b.image for a, b in pairwise(real))


def test_seeds_differ():
    orders = {make_plan(IMAGES, (J2K, VQ), task="choice", seed=seed).trials for seed in range(20)}
    assert len(orders) == 20


def test_what_cannot_be_planned_ends_in_a_sentence():
    with pytest.raises(MeasureError, match="at least one image"):
        make_plan((), (J2K,), task="choice")
    with pytest.raises(MeasureError, match="at most 2000"):
        make_plan(IMAGES, (J2K,), task="choice", repeats=1000)
    with pytest.raises(MeasureError, match="settings"):
        make_plan(IMAGES, (J2K,), task="guess")  # type: ignore[arg-type]


def answer_all(made: Reading, value) -> Reading:
    while made.next is not None:
        made = made.answered(value(made.plan.trials[made.next]), 1.25, AT)
    return made


def test_answers_are_kept_and_read_back_as_they_were(tmp_path):
    path = tmp_path / "folder" / "r.json"
    made = reading().answered(1, 2.5, AT).answered(2, 0.5, AT)
    write(path, made)
    assert read(path) == made
    assert made.undone().next == 1
    text = path.read_text()
    assert "DOE" not in text
    assert set(json.loads(text)) == {
        "format", "version", "plan", "answers", "reader", "coded",
    }  # fmt: skip


def test_impossible_answers_are_refused():
    made = reading()
    with pytest.raises(MeasureError, match="none of"):
        made.answered(3, 1.0, AT)
    with pytest.raises(MeasureError, match="seconds"):
        made.answered(1, float("nan"), AT)
    done = answer_all(made, lambda trial: 1)
    with pytest.raises(MeasureError, match="already"):
        done.answered(1, 1.0, AT)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda r: r.update(format="x"), "no reading"),
        (lambda r: r.update(version=9), "later version"),
        (lambda r: r["plan"].pop("seed"), "damaged"),
        (lambda r: r["plan"]["trials"][0].update(image=7), "damaged"),
        (lambda r: r["plan"]["trials"][0].update(first=1, second=2), "damaged"),
        (
            lambda r: r["answers"].append({"trial": 5, "value": 1, "seconds": 1, "at": ""}),
            "damaged",
        ),
        (lambda r: r["answers"].append(None), "damaged"),
        (lambda r: r.update(coded=3), "damaged"),
    ],
)
def test_a_damaged_file_ends_in_a_sentence(tmp_path, change, told):
    path = tmp_path / "r.json"
    write(path, reading())
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))
    with pytest.raises(MeasureError, match=told):
        read(path)


def test_files_that_are_no_readings(tmp_path):
    with pytest.raises(MeasureError, match="cannot be read"):
        read(tmp_path / "none.json")
    broken = tmp_path / "broken.json"
    broken.write_bytes(b"{\xff")
    with pytest.raises(MeasureError, match="damaged"):
        read(broken)


def test_wilson_against_values_from_the_literature():
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    for hits, count, low, high in (
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
    ):  # fmt: skip
        found = wilson(hits, count)
        assert found == pytest.approx((low, high), abs=6e-5)
    assert wilson(20, 20)[1] == 1.0
    with pytest.raises(ValueError, match="proportion"):
        wilson(3, 2)


def test_a_reader_who_always_finds_the_original(tmp_path):
    done = answer_all(reading(repeats=4), lambda trial: trial.original_side)
    lines = summarise(done)
    assert [line.name for line in lines] == ["jpeg2000 ratio 20", "vqvae2 ratio 40"]
    for line in lines:
        assert line.count == 12
        assert line.value == 1.0
        assert (line.low, line.high) == wilson(12, 12)
        assert line.seconds == 1.25
    assert lines[0].ratio == pytest.approx(20.1)


def test_practice_does_not_count():
    made = reading(practice=3, repeats=1)
    wrong = answer_all(made, lambda t: 3 - t.original_side if t.practice else t.original_side)
    assert all(line.value == 1.0 for line in summarise(wrong))
    only = made
    for _ in range(3):
        only = only.answered(1, 1.0, AT)
    assert summarise(only) == ()


def test_scores_are_averaged_with_an_interval_over_images():
    rng = np.random.default_rng(2)
    done = answer_all(
        reading("scale", repeats=6), lambda t: 5 if t.coding == 0 else int(rng.integers(2, 5))
    )
    lines = summarise(done)
    assert lines[0].name == "original"
    assert lines[0].value == lines[0].low == lines[0].high == 5.0
    assert lines[0].ratio is None
    for line in lines[1:]:
        assert 2 <= line.low <= line.value <= line.high <= 4


def test_one_image_alone_draws_answers_anew():
    plan = make_plan(IMAGES[:1], (J2K,), task="scale", repeats=8, seed=1)
    scores = iter([1, 5] * 20)
    done = answer_all(Reading(plan), lambda trial: next(scores))
    line = summarise(done)[1]
    assert line.low < line.value < line.high


def test_the_table_has_a_row_an_answer_and_no_name():
    made = replace(answer_all(reading(), lambda trial: 1), reader="=R1")
    rows = list(csv.DictReader(io.StringIO(answers_csv(made))))
    assert len(rows) == len(made.plan.trials)
    assert tuple(rows[0]) == COLUMNS
    for row, trial in zip(rows, made.plan.trials, strict=True):
        assert row["reader"] == "'=R1"
        assert (row["correct"] == "1") == (trial.first == 0)
        assert {row["a"], row["b"]} == {"original", row["coding"]}
        assert len(row["image_sha256"]) == 16
        assert row["seconds"] == "1.250"
        assert row["at"] == AT
        assert row["psnr_db"] == ("48.20" if row["codec"] == "jpeg2000" else "")


def test_the_summary_as_csv():
    done = answer_all(reading(), lambda trial: trial.original_side)
    rows = list(csv.DictReader(io.StringIO(summary_csv(done))))
    assert [row["coding"] for row in rows] == ["jpeg2000 ratio 20", "vqvae2 ratio 40"]
    assert rows[0]["measure"] == "found the original"
    assert float(rows[0]["low_95"]) < float(rows[0]["value"]) == 1.0
