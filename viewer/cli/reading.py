"""Opening what is named on the command line; a bad file is named and the rest go on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from viewer.errors import Cancelled, ImageError, RadviewError
from viewer.images.radiograph import Header


class Failures:
    """The sentences of what could not be done, printed as they come."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def add(self, sentence: str) -> None:
        """Note one failure and tell the user."""
        self.sentences.append(sentence)
        print(f"radview: {sentence}", file=sys.stderr)

    @contextmanager
    def collect(self) -> Iterator[None]:
        """Note a named failure of the block instead of ending the command."""
        try:
            yield
        except Cancelled:
            raise
        except RadviewError as error:
            self.add(str(error))

    def report(self) -> int:
        """Return the exit code: 1 when anything failed."""
        return 1 if self.sentences else 0


def headers_of(paths: list[Path]) -> tuple[list[Header], Failures]:
    """Return the headers of all images under `paths`, and what was refused.

    Raises
    ------
    ImageError
        When nothing was refused and yet there is not a single image.
    """
    from viewer.images.library import scan

    found: list[Header] = []
    failures = Failures()
    scan(
        paths,
        on_found=found.append,
        on_refused=lambda refusal: failures.add(refusal.reason),
    )
    if not found and not failures.sentences:
        raise ImageError(f"There is no image in {', '.join(str(path) for path in paths)}.")
    return found, failures
