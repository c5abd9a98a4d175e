"""The directories of a TIFF file (TIFF 6.0 sections 2 to 6)."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from viewer.images.faults import Unreadable
from viewer.images.raster_layout import RasterLayout

if TYPE_CHECKING:
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

_MOST_PAGES = 10_000
_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC = 256, 257, 258, 262
_ORIENTATION, _SAMPLES, _FORMAT = 274, 277, 339
_WHITE_IS_ZERO, _PALETTE, _YCBCR = 0, 3, 6
_UNSIGNED, _SIGNED = 1, 2


@dataclass(frozen=True, slots=True)
class _Page:
    rows: int
    columns: int
    samples: int
    bits: int
    sample_format: int
    photometric: int
    orientation: int


def read_tiff_layout(path: Path) -> RasterLayout:
    """Read the tags of every page.

    Raises
    ------
    Unreadable
    OSError
    """
    with open(path, "rb") as file:
        try:
            pages = _pages(file)
        except Unreadable:
            raise
        except Exception:
            # Pillow answers damaged directories with exceptions of every kind.
            raise Unreadable("its TIFF header is damaged") from None
    if not pages:
        raise Unreadable("its TIFF header is damaged")
    layout = _layout(pages[0])
    if any(replace(page, orientation=pages[0].orientation) != pages[0] for page in pages):
        layout.notices.append(f"Of its {len(pages)} pages, only the first is shown.")
        return layout
    return replace(layout, pages=len(pages))


def _pages(file: BinaryIO) -> list[_Page]:
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    start = file.read(16)
    # BigTIFF has 43 for 42 and a header of sixteen bytes.
    head = start if 43 in (start[2], start[3]) else start[:8]
    following: int = ImageFileDirectory_v2(head).next
    visited: set[int] = set()
    pages: list[_Page] = []
    while following and following not in visited and len(pages) < _MOST_PAGES:
        if following >= size:
            raise Unreadable("it is truncated")
        visited.add(following)
        file.seek(following)
        directory = ImageFileDirectory_v2(head)
        directory.load(file)
        pages.append(_page(directory))
        following = directory.next
    return pages


def _page(directory: ImageFileDirectory_v2) -> _Page:
    def first(tag: int, default: int) -> int:
        value: Any = directory.get(tag, default)
        return int(value[0]) if isinstance(value, tuple) else int(value)

    return _Page(
        rows=first(_HEIGHT, 0),
        columns=first(_WIDTH, 0),
        samples=first(_SAMPLES, 1),
        bits=first(_BITS, 1),
        sample_format=first(_FORMAT, _UNSIGNED),
        photometric=first(_PHOTOMETRIC, 1),
        orientation=first(_ORIENTATION, 1),
    )


def _layout(page: _Page) -> RasterLayout:
    notices = []
    palette, single = page.photometric == _PALETTE, page.bits == 1
    if page.sample_format not in (_UNSIGNED, _SIGNED):
        raise Unreadable("floating-point pixels are not supported")
    if page.bits not in (1, 8, 16, 32) or page.photometric > _YCBCR or (single and palette):
        raise Unreadable(f"TIFF pixels of this kind ({page.bits} bits) are not supported")
    if page.photometric in (4, 5):
        raise Unreadable("TIFF masks and print colours are not supported")
    if palette:
        notices.append("The palette is shown and coded as RGB.")
    if single:
        notices.append("1-bit grey is widened to 8 bits.")
    return RasterLayout(
        "TIFF",
        page.rows,
        page.columns,
        3 if palette else page.samples,
        max(page.bits, 8),
        signed=page.sample_format == _SIGNED,
        # Pillow turns single bits the right way round itself.
        inverted=page.photometric == _WHITE_IS_ZERO and not single,
        turned=page.orientation if 1 <= page.orientation <= 8 else 1,
        through_pillow=palette or single,
        notices=notices,
    )
