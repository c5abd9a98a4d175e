"""What a pane is to show, as a value that is chosen, compared and remembered."""

from __future__ import annotations

from dataclasses import dataclass

IMAGE = "image"
"""The kind of a content that is a picture itself, not a map of two."""
ORIGINAL = "original"
LATEST = "latest"
"""The latest coding of the image, whatever it is."""
SAMPLED = "sampled"
"""The image downsampled and put back, as the deformation map has it."""
INSIDE = "inside"
"""The part of a bitstream that is looked at."""


@dataclass(frozen=True, slots=True)
class Content:
    """A picture, or a map of two.

    Parameters
    ----------
    kind : str
        `IMAGE`, or the key of a `viewer.ui.contents.kinds.MapKind`.
    first : str
        Name of the picture, or of the one that a map looks at: `ORIGINAL`, `LATEST`, or the
        number of a kept coding.
    second : str
        What a map compares it with.
    """

    kind: str = IMAGE
    first: str = LATEST
    second: str = ORIGINAL

    @property
    def is_image(self) -> bool:
        """Whether it is a picture itself."""
        return self.kind == IMAGE

    @property
    def names(self) -> tuple[str, ...]:
        """The pictures it needs."""
        return (self.first,) if self.is_image else (self.first, self.second)

    def as_text(self) -> str:
        """Return how it is remembered: numbers are those of one session and become the latest."""
        names = [LATEST if name.isdigit() else name for name in (self.first, self.second)]
        return ":".join((self.kind, *names))


def from_text(text: str, otherwise: Content) -> Content:
    """Return a remembered content, or `otherwise` where the text is not one."""
    parts = text.split(":")
    if len(parts) != 3 or not set(parts[1:]) <= {ORIGINAL, LATEST, SAMPLED, INSIDE}:
        return otherwise
    return Content(*parts)


SHOWN_ORIGINAL = Content(IMAGE, ORIGINAL)
SHOWN_LATEST = Content(IMAGE, LATEST)

FIRST_CONTENTS: dict[int, tuple[Content, ...]] = {
    1: (SHOWN_LATEST,),
    2: (SHOWN_ORIGINAL, SHOWN_LATEST),
    3: (SHOWN_ORIGINAL, SHOWN_LATEST, Content("signed")),
    4: (SHOWN_ORIGINAL, SHOWN_LATEST, Content("signed"), Content("ssim")),
}
"""What the panes of each layout show until something else is chosen."""
