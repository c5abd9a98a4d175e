"""The codings made in this session: a bounded list of each image, to be looked at again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.images.radiograph import Radiograph

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison

MOST_KEPT = 12
"""Codings kept, of all images together."""
MOST_BYTES = 384 << 20
"""Of their decoded pixels together."""

Place = tuple[Path, int]
"""Path and frame of an image."""


@dataclass(frozen=True, eq=False, slots=True)
class KeptCoding:
    """One coding of one image.

    Parameters
    ----------
    number : int
        From 1 in the order they were made of this image; one made again keeps its number.
    comparison : Comparison
    """

    number: int
    comparison: Comparison


class KeptCodings(QObject):
    """What was made of the image shown, and of images shown before, the oldest going first.

    Of an image that is not shown the original is let go of: its pixels are read again with it.
    """

    changed = Signal()
    """`of_image` answers something else."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: list[tuple[Place, KeptCoding]] = []
        self._numbers: dict[Place, int] = {}
        self._radiograph: Radiograph | None = None

    @property
    def of_image(self) -> tuple[KeptCoding, ...]:
        """Those of the image shown, by number."""
        found = list(self._of_place(self._place))
        return tuple(sorted(found, key=lambda kept: kept.number))

    def get(self, number: int) -> KeptCoding | None:
        """Return a coding of the image shown, None when it is kept no longer."""
        return next((kept for kept in self.of_image if kept.number == number), None)

    def set_image(self, radiograph: Radiograph | None) -> None:
        """Take another image; its codings come back with it."""
        before = self._place
        if before is not None:
            self._exchange(before, None)
        self._radiograph = radiograph
        if radiograph is not None:
            self._exchange(_place(radiograph), radiograph)
        self.changed.emit()

    def add(self, comparison: Comparison) -> KeptCoding:
        """Keep a coding of the image shown; one of the same codec, target and model goes."""
        place = _place(comparison.radiograph)
        same = [
            (there, kept)
            for there, kept in self._kept
            if there == place and _asked(kept.comparison) == _asked(comparison)
        ]
        if same:
            number = same[0][1].number
            self._kept.remove(same[0])
        else:
            number = self._numbers.get(place, 0) + 1
            self._numbers[place] = number
        made = KeptCoding(number, comparison)
        self._kept.append((place, made))
        while len(self._kept) > 1 and (len(self._kept) > MOST_KEPT or self._bytes() > MOST_BYTES):
            self._kept.pop(0)
        self.changed.emit()
        return made

    @property
    def _place(self) -> Place | None:
        return None if self._radiograph is None else _place(self._radiograph)

    def _of_place(self, place: Place | None) -> Iterator[KeptCoding]:
        return (kept for there, kept in self._kept if there == place)

    def _bytes(self) -> int:
        return sum(kept.comparison.reconstruction.pixels.nbytes for _, kept in self._kept)

    def _exchange(self, place: Place, original: Radiograph | None) -> None:
        """Give the codings of a place their original, or take it from them."""
        exchanged: list[tuple[Place, KeptCoding]] = []
        for there, kept in self._kept:
            if there == place:
                comparison = kept.comparison
                pixels = comparison.reconstruction
                if original is not None and original.pixels.shape != pixels.pixels.shape:
                    continue  # the file was written anew meanwhile
                stands = pixels if original is None else original
                kept = KeptCoding(kept.number, replace(comparison, radiograph=stands))
            exchanged.append((there, kept))
        self._kept = exchanged


def _place(radiograph: Radiograph) -> Place:
    return radiograph.header.path, radiograph.frame


def _asked(comparison: Comparison) -> tuple[object, ...]:
    return comparison.codec, comparison.target, comparison.encoded.model
