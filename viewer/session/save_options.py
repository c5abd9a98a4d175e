"""What the user chooses when a study is saved."""

from __future__ import annotations

from dataclasses import dataclass

from viewer.archive.keep import WITH_DECODER, Keep


@dataclass(frozen=True, slots=True)
class SaveOptions:
    """What goes into an archive besides bitstreams and headers, and what is taken out.

    Parameters
    ----------
    keep : Keep
        Whether the original files and a learned codec's decoder go in. Images that come from an
        archive bring the original they have; their decoder stays out where it is declined.
    deidentified : bool
        Whether what tells whose images they are is taken out before coding (PS3.15 Basic
        Profile). An original file tells it too, so both cannot be had.
    """

    keep: Keep = WITH_DECODER
    deidentified: bool = False

    @property
    def refusal(self) -> str:
        """Why these cannot go together, "" when they can."""
        if self.deidentified and self.keep.original:
            return "An original file tells whose image it is; it is not kept with that."
        return ""


AS_USUAL = SaveOptions()
