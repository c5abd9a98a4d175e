"""What goes into an archive besides bitstreams and headers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keep:
    """What goes into an archive besides bitstreams and headers.

    Parameters
    ----------
    original : bool
        The source file, byte for byte.
    decoder : bool
        The weights of a learned codec, so that the archive can be read where they are missing.
    """

    original: bool = False
    decoder: bool = True


WITH_DECODER = Keep()
