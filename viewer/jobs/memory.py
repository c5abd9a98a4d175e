"""When memory runs out: smaller tiles, then the CPU, each with a notice."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from viewer.codecs.base import Options
from viewer.errors import RadviewError

T = TypeVar("T")

SMALLEST_TILE = 128
"""Side in pixels below which tiles are not halved any more."""

_PHRASES = ("out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception, or what it was raised from, says that memory ran out.

    Torch's exceptions are told by name and words: torch is not imported for this.
    """
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        if isinstance(link, MemoryError):
            return True
        if any(kind.__name__ == "OutOfMemoryError" for kind in type(link).__mro__):
            return True
        # MPS and the CPU allocator of torch raise a plain RuntimeError.
        if isinstance(link, RuntimeError) and any(p in str(link).lower() for p in _PHRASES):
            return True
        link = link.__cause__ or link.__context__
    return False


def fallbacks(options: Options, default_tile: int) -> Iterator[tuple[Options, str]]:
    """Yield what to try after `options` failed, with the sentence that says so.

    Parameters
    ----------
    options : Options
    default_tile : int
        Side the codec chooses for a tile of 0; 0 for codecs that do not work in tiles.
    """
    tile = options.tile or default_tile
    while tile // 2 >= SMALLEST_TILE:
        tile //= 2
        yield (
            replace(options, tile=tile),
            f"Out of memory: fell back to tiles of {tile} x {tile} pixels.",
        )
    if options.device != "cpu":
        yield (
            replace(options, tile=tile, device="cpu"),
            f"Out of memory: fell back to the CPU, with tiles of {tile} x {tile} pixels."
            if tile
            else "Out of memory: fell back to the CPU.",
        )


def with_fallback(
    call: Callable[[Options], T],
    options: Options,
    *,
    default_tile: int,
    notify: Callable[[str], None],
) -> tuple[T, Options]:
    """Call a function, and again with less when memory runs out.

    Parameters
    ----------
    call : callable
        Encodes, decodes or both with the options it is given.
    options : Options
        What to try first.
    default_tile : int
        Side the codec chooses for a tile of 0; 0 for codecs to which `options` say nothing,
        which are tried once.
    notify : callable
        Given a sentence before each further try.

    Returns
    -------
    result
    options : Options
        Those that were enough.

    Raises
    ------
    RadviewError
        When memory was not enough for the least that can be tried.
    """
    tries = fallbacks(options, default_tile) if default_tile else iter(())
    while True:
        try:
            return call(options), options
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        # Outside of the handler: the failed call's frames, and their tensors, are gone now.
        _release()
        following = next(tries, None)
        if following is None:
            raise RadviewError(
                "There is not enough memory for this image, even for the smallest step; "
                "close other programs and try again."
            )
        options, sentence = following
        notify(sentence)


def _release() -> None:
    """Give back what a failed attempt has left in torch's cache."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
