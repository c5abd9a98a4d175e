"""What saving a study will take, found out in a thread before a file is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.archive.keep import Keep
from viewer.codecs import registry
from viewer.codecs.base import Encoded, Options, PixelFormat, Target
from viewer.errors import ArchiveError
from viewer.images.radiograph import Header, Radiograph
from viewer.jobs import JobQueue
from viewer.progress import CancelToken, Progress
from viewer.session.comparing import in_memory
from viewer.session.models import Coding
from viewer.session.save_options import SaveOptions
from viewer.session.writing import StudyImage

if TYPE_CHECKING:
    from viewer.archive.model import CodedImage
    from viewer.archive.saving_costs import SavingCosts

EVERYTHING = Keep(original=True, decoder=True)


@dataclass(frozen=True, slots=True)
class PlannedImage:
    """One image of the study, as it will be saved.

    Parameters
    ----------
    header : Header
    file_bytes : int
        Of the file it comes from.
    payload_bytes : int or None
        Of its bitstreams, about; None where nothing tells it yet.
    archived : bool
        Whether it comes from an archive, and goes in as it is.
    """

    header: Header
    file_bytes: int
    payload_bytes: int | None
    archived: bool


@dataclass(frozen=True, slots=True)
class SavingPlan:
    """What a study will take, whatever is then chosen.

    Parameters
    ----------
    images : tuple of PlannedImage
    codec : str
        Title of the codec.
    target : Target
    coded : SavingCosts or None
        Of the images still to be coded, with originals and decoder; None where there are none, or
        nothing tells their size yet.
    archived : SavingCosts or None
        Of the images that come from an archive.
    same_decoder : bool
        Whether both need the same one.
    decoder_bytes : int
        Of the decoders that can travel.
    warning : str
        On a codec whose decoding varies with the device, "" for others.
    provisional : bool
        Whether an image is being coded to see what the target comes to, and a plan with sizes
        follows.
    """

    images: tuple[PlannedImage, ...]
    codec: str
    target: Target
    coded: SavingCosts | None
    archived: SavingCosts | None
    same_decoder: bool
    decoder_bytes: int
    warning: str
    provisional: bool = False

    @property
    def source_bytes(self) -> int:
        """Bytes of the files."""
        return sum(image.file_bytes for image in self.images)

    @property
    def archived_count(self) -> int:
        """How many images come from an archive."""
        return sum(image.archived for image in self.images)

    def costs(self, options: SaveOptions) -> SavingCosts | None:
        """Return about what an archive takes with these options; None where that is unknown."""
        from viewer.archive.saving_costs import plus

        decoder = options.keep.decoder
        parts = []
        if self.archived_count < len(self.images):
            if self.coded is None:
                return None
            part = self.coded if options.keep.original else replace(self.coded, original_bytes=0)
            parts.append(part if decoder else replace(part, decoder_bytes=0))
        if self.archived is not None:
            parts.append(self.archived if decoder else replace(self.archived, decoder_bytes=0))
        if len(parts) == 2:
            return plus(*parts, same_decoder=self.same_decoder)
        return parts[0] if parts else None


def plan_saving(
    images: tuple[StudyImage, ...],
    coding: Coding,
    sample: Radiograph | None,
    *,
    progress: Progress,
    cancel: CancelToken,
    deliver: Callable[[object], None],
) -> SavingPlan:
    """Return what saving images will take.

    Parameters
    ----------
    sample : Radiograph or None
        A frame of one of the images, coded to see what a target that says nothing of the size
        comes to. The plan without is delivered before.

    Raises
    ------
    ArchiveError
        When a file is gone.
    RadviewError
        When the sample cannot be coded.
    Cancelled
    """
    for image in images:
        if image.coded is None and not image.header.path.is_file():
            raise ArchiveError(f"{image.header.path.name} is no longer there; open it again.")
    known = {
        image.header.path: len(image.comparison.encoded.data) * image.header.frames
        for image in images
        if image.comparison is not None and image.coded is None
    }
    plan = _plan(images, coding, known)
    wanted = [image.header.path for image in images if image.coded is None]
    if plan.coded is not None or sample is None or sample.header.path not in wanted:
        return plan
    deliver(replace(plan, provisional=True))
    header = sample.header
    pixel_format = PixelFormat(header.bits_stored, header.signed)

    def attempt(options: Options) -> Encoded:
        return registry.get(coding.codec).encode(
            sample.pixels,
            pixel_format,
            coding.target,
            options=replace(options, preview=True),
            progress=progress,
            cancel=cancel,
        )

    encoded, _ = in_memory(coding, 0, attempt, lambda text: None)
    return _plan(images, coding, {header.path: len(encoded.data) * header.frames})


class Planning(QObject):
    """Makes plans in lane "plan"; the latest asked for wins."""

    ready = Signal(object)
    """A `SavingPlan`; one without sizes may be followed by one with them."""
    failed = Signal(str)

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue

    def request(
        self, images: tuple[StudyImage, ...], coding: Coding, sample: Radiograph | None
    ) -> None:
        """Plan the saving of images."""
        arguments = (images, coding, sample)
        job = self._queue.submit(
            plan_saving, *arguments, lane="plan", title="Looking at the sizes", delivers=True
        )
        job.delivered.connect(self.ready)
        job.succeeded.connect(self.ready)
        job.failed.connect(lambda error: self.failed.emit(str(error)))

    def cancel(self) -> None:
        """Give up the plan being made."""
        self._queue.cancel("plan")


def _plan(images: Sequence[StudyImage], coding: Coding, known: dict[Path, int]) -> SavingPlan:
    from viewer.archive.compressing import not_normative
    from viewer.archive.saving_costs import saving_costs

    new = [image.header for image in images if image.coded is None]
    held = [image.coded for image in images if image.coded is not None]
    coded = _expected(new, coding, known) if new else None
    archived = saving_costs(held) if held else None
    varying = {image.coding.codec for image in held if not image.coding.normative}
    title, decoders = coding.codec, archived.decoder_bytes if archived is not None else 0
    if new:
        from viewer.archive.decoder_files import decoder_bytes

        codec = registry.get(coding.codec)
        title = codec.info.title
        decoders += decoder_bytes(codec, coding.model)
        if not codec.info.normative:
            varying.add(coding.codec)
    done = [header for header in new if header.path in known]

    def payload(header: Header) -> int | None:
        if header.path in known:
            return known[header.path]
        # Beside those already coded, which tell how much it shrinks.
        costs = _expected([*done, header], coding, known)
        if costs is None:
            return None
        return costs.payload_bytes - sum(known[other.path] for other in done)

    return SavingPlan(
        images=tuple(
            PlannedImage(image.header, image.coded.source.size, image.coded.payload_bytes, True)
            if image.coded is not None
            else PlannedImage(
                image.header, image.header.path.stat().st_size, payload(image.header), False
            )
            for image in images
        ),
        codec=title,
        target=coding.target,
        coded=coded,
        archived=archived,
        same_decoder=all(_same_decoder(image, coding) for image in held),
        decoder_bytes=decoders,
        warning=" ".join(map(not_normative, sorted(varying))),
    )


def _expected(
    headers: Sequence[Header], coding: Coding, known: dict[Path, int]
) -> SavingCosts | None:
    from viewer.archive.expected_costs import expected_costs

    asked = (coding.codec, coding.target, EVERYTHING, known, coding.model)
    return expected_costs(headers, *asked)


def _same_decoder(image: CodedImage, coding: Coding) -> bool:
    """Whether an archived image needs the decoder that a coding will."""
    if image.coding.codec != coding.codec:
        return False
    return not coding.model or coding.model.startswith(image.coding.model.rsplit(" ", 1)[-1])
