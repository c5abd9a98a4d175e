"""The paper's table of errors beside the figures found here."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.training.test_dense import QUICK, mnist  # noqa: F401
from viewer.cli.main import main
from viewer.errors import TrainingError
from viewer.networks.dense import CODE_SIZES
from viewer.training.dense import train
from viewer.training.dense_paper import (
    PaperErrors,
    nearer,
    paper_lines,
    read_paper,
    samples_as_text,
    whole_bytes,
)


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_table_is_read_with_either_column_empty(tmp_path: Path) -> None:
    path = written(
        tmp_path / "t.csv", "\ufeffCode, RMSE ,mse\r\n64,0.01,\r\n\r\n50,,1e-2\r\n22,.1,1"
    )
    assert read_paper(path) == {
        64: PaperErrors(0.01, None),
        50: PaperErrors(None, 0.01),
        22: PaperErrors(0.1, 1.0),
    }
    assert read_paper(written(path, "code,mse\n36,0.5\n")) == {36: PaperErrors(None, 0.5)}
    assert read_paper(written(path, "code,rmse,mse\n36,0.5\n")) == {36: PaperErrors(0.5, None)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "begin with the columns"),
        ("64,0.1,0.01\n", "begin with the columns"),
        ("code;rmse;mse\n64;1;1", "begin with the columns"),
        ("code,rmse,mse\n", "0 rows"),
        ("code,mse\n" + "".join(f"{n},0.1\n" for n in range(1, 103)), "102 rows"),
        ("code,rmse,mse\n64,,\n", "neither"),
        ("code,rmse,mse\n64,0.1,0.1,0.1\n", "4 columns"),
        ("code,rmse,mse\n64,0.1,\n64,0.1,\n", "Row 2 .* second time"),
        ("code,rmse,mse\n0,0.1,\n", "not 1 to 784"),
        ("code,rmse,mse\n785,0.1,\n", "not 1 to 784"),
        ("code,rmse,mse\n\u0664,0.1,\n", "not 1 to 784"),
        ("code,rmse,mse\nN,0.1,\n", "not 1 to 784"),
        ("code,rmse,mse\n64,9.1,\n", "RMSE '9.1'"),
        ("code,rmse,mse\n64,,nan\n", "MSE 'nan'"),
        ("code,rmse,mse\n64,,-1\n", "MSE '-1'"),
        ("code,rmse,mse\n64,0,\n", "RMSE '0'"),
        ("code,rmse,mse\n64,one,\n", "RMSE 'one'"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"code,mse\n" + b"\n" * 70_000, "larger than 64 KiB"),
    ],
)
def test_a_bad_table_ends_in_one_sentence(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(TrainingError, match=said) as caught:
        read_paper(written(tmp_path / "t.csv", text))
    assert "\n" not in str(caught.value)
    with pytest.raises(TrainingError, match="cannot be read"):
        read_paper(tmp_path / "none.csv")


def test_a_figure_is_set_beside_what_it_is_nearer_to_in_proportion() -> None:
    assert nearer(0.0094, 0.095, 0.009) == "mse"
    assert nearer(0.2, 0.095, 0.009) == "rmse"
    # The mean of the two in proportion parts them, not that of their difference.
    middle = math.sqrt(0.1 * 0.01)
    assert nearer(middle * 1.01, 0.1, 0.01) == "rmse"
    assert nearer(middle * 0.99, 0.1, 0.01) == "mse"
    assert nearer(0.001, 0.5, 0.0) == "rmse"
    assert nearer(None, 0.1, 0.01) is None


def test_sizes_and_break_even_in_the_papers_form() -> None:
    assert whole_bytes(64) == 4 * (
        784 * 128 + 128 + 128 * 64 + 64 + 64 * 128 + 128 + 128 * 784 + 784
    )
    saved = (784 - 64) * 22
    assert samples_as_text(saved * 56, 64) == 56
    assert samples_as_text(saved * 56 + 1, 64) == 57


def test_lines_name_rows_without_a_model() -> None:
    row: dict[str, Any] = {
        "code": 64, "encoder_bytes": 1000, "decoder_bytes": 2000, "float32_bytes": 8000,
        "break_even_samples": None, "break_even_text": 7,
    }  # fmt: skip
    text = "\n".join(paper_lines({64: PaperErrors(0.1, None), 40: PaperErrors(0.1, None)}, [row]))
    assert "N = 40 have no model" in text
    assert "131" in text
    assert "2,623 KB" in text
    assert text.splitlines()[3].split()[-2:] == ["2,623", "3"]
    assert "20.0 KB saved" in text


def test_the_command_prints_writes_and_plots_both(
    mnist: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    for code in (22, 64):
        train(mnist, out, code=code, recipe=replace(QUICK, epochs=1))
    table = written(tmp_path / "paper.csv", "code,rmse,mse\n64,0.9,1e-6\n50,0.1,\n")
    asked = ["evaluate", "dense", "--models", str(out), "--data", str(mnist), "--paper", str(table)]
    kept, plot = tmp_path / "d.json", tmp_path / "d.png"
    assert main([*asked, "--json", str(kept), "--plot", str(plot)]) == 0
    shown = capsys.readouterr().out
    assert "paper RMSE" in shown
    assert "N = 50 have no model" in shown
    line = next(line for line in shown.splitlines() if line.startswith(" 64"))
    assert line.split()[-4:] == ["0.9", "RMSE", "1e-06", "MSE"]
    assert next(one for one in shown.splitlines() if one.startswith(" 22")).split()[-1] == "-"
    study = json.loads(kept.read_text())
    first = study["rows"][0]["paper"]
    assert (first["rmse"], first["rmse_nearer_to"], first["mse_nearer_to"]) == (0.9, "rmse", "mse")
    assert "paper" not in study["rows"][1]
    assert study["paper"]["errors"]["50"] == {"rmse": 0.1, "mse": None}
    assert set(CODE_SIZES) >= {row["code"] for row in study["rows"]}
    with Image.open(plot) as drawn:
        assert np.asarray(drawn).std() > 1
    written(table, "code,rmse\n64,7\n")
    assert main(asked) != 0
    assert "lie above 0" in capsys.readouterr().err
