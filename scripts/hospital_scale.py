"""What archiving costs a hospital in a year, from measured speeds: the table of docs/SCALE.md.

Usage: python scripts/hospital_scale.py speed.json [--studies 500000] [--images 2.5] ...
`speed.json` is what ``radview bench --archiving SRC... -o speed.json`` wrote.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

HOURS_A_YEAR = 8760.0


@dataclass(frozen=True)
class Hospital:
    """What is assumed.

    Parameters
    ----------
    studies : float
        A year.
    images : float
        A study.
    megapixels : float
        An image.
    peak : float
        The busiest hour, as multiple of the mean.
    core_hour, terabyte_year : float
        Prices, in one currency.
    years : float
        That an archive is kept.
    copies : float
        Of each archive.
    """

    studies: float = 500_000
    images: float = 2.5
    megapixels: float = 7.0
    peak: float = 4.0
    core_hour: float = 0.04
    terabyte_year: float = 120.0
    years: float = 10.0
    copies: float = 2.0

    @property
    def megapixels_a_year(self) -> float:
        """Megapixels of all images."""
        return self.studies * self.images * self.megapixels


@dataclass(frozen=True)
class Need:
    """What one way of archiving takes."""

    what: str
    core_hours: float
    cores: float
    cores_at_peak: float
    terabytes: float
    computing: float
    storing: float

    @property
    def a_study(self) -> float:
        """Prices of both, set by `need` for one study."""
        return self.computing + self.storing


def need(row: dict[str, Any], hospital: Hospital) -> Need:
    """Return what the hospital needs of what was measured, in proportion to pixels."""
    image = row["megapixels_per_second"] / row["images_per_second"]
    hours = hospital.megapixels_a_year * row["core_seconds"] / image / 3600
    terabytes = hospital.megapixels_a_year * row["bytes_an_image"] / image / 1e12
    cores = hours / HOURS_A_YEAR
    return Need(
        row["what"],
        hours,
        cores,
        cores * hospital.peak,
        terabytes,
        hours * hospital.core_hour / hospital.studies,
        terabytes * hospital.copies * hospital.years * hospital.terabyte_year / hospital.studies,
    )


def native(hospital: Hospital) -> Need:
    """Return what the files take as they are, two bytes a pixel."""
    terabytes = hospital.megapixels_a_year * 2e6 / 1e12
    cost = terabytes * hospital.copies * hospital.years * hospital.terabyte_year
    return Need(
        "files as they are, 2 bytes a pixel", 0, 0, 0, terabytes, 0, cost / hospital.studies
    )


def table(needs: list[Need]) -> str:
    """Return the needs as Markdown."""
    lines = [
        "| | core-hours a year | cores, day and night | cores in the busiest hour | TB a year "
        "| computing a study | storing a study | together |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {each.what} | {each.core_hours:,.0f} | {each.cores:.1f} | {each.cores_at_peak:.1f} "
        f"| {each.terabytes:.2f} | {each.computing:.5f} | {each.storing:.5f} "
        f"| {each.a_study:.5f} |"
        for each in needs
    ]
    return "\n".join(lines)


VARIANTS: tuple[tuple[str, dict[str, float]], ...] = (
    ("as assumed", {}),
    ("1.5 images a study", {"images": 1.5}),
    ("4 images a study", {"images": 4}),
    ("4 megapixels an image", {"megapixels": 4}),
    ("12 megapixels an image", {"megapixels": 12}),
    ("a core-hour at 0.02", {"core_hour": 0.02}),
    ("a core-hour at 0.10", {"core_hour": 0.10}),
    ("a terabyte-year at 40", {"terabyte_year": 40}),
    ("a terabyte-year at 240", {"terabyte_year": 240}),
)


def varied(rows: list[dict[str, Any]], hospital: Hospital) -> str:
    """Return what a study costs, and the cores of the busiest hour, a line a changed assumption."""
    names = ["files as they are", *(row["what"].removeprefix("radview archive ") for row in rows)]
    lines = [
        f"| a study costs (cores in the busiest hour) | {' | '.join(names)} |",
        f"| --- |{' ---: |' * len(names)}",
    ]
    for name, changes in VARIANTS:
        changed = replace(hospital, **changes)
        needs = [need(row, changed) for row in rows]
        cells = [f"{native(changed).a_study:.5f}"]
        cells += [f"{each.a_study:.5f} ({each.cores_at_peak:.1f})" for each in needs]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="What archiving costs a hospital in a year.")
    parser.add_argument("speed", type=Path)
    for name, value in Hospital().__dict__.items():
        option = "--" + name.replace("_", "-")
        parser.add_argument(option, type=float, default=value, help=f"default {value:g}")
    given = vars(parser.parse_args())
    rows = json.loads(given.pop("speed").read_text())
    hospital = Hospital(**given)
    kept = [row for row in rows if row["what"].startswith("radview")]
    print(table([native(hospital), *(need(row, hospital) for row in kept)]))
    print()
    print(varied(kept, hospital))


if __name__ == "__main__":
    main()
