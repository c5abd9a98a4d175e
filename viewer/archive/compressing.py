"""Files and folders -> one study archive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from viewer.archive.coding import code_image, usable_codec
from viewer.archive.deidentified_copy import deidentified_copy
from viewer.archive.keep import WITH_DECODER, Keep
from viewer.archive.model import CodedImage
from viewer.archive.saving_costs import SavingCosts, plus, saving_costs
from viewer.archive.stages import stage
from viewer.archive.writing import write_archive
from viewer.codecs.base import Options, Target
from viewer.errors import ArchiveError, Cancelled, RadviewError
from viewer.images.library import Refusal, scan
from viewer.images.radiograph import Header
from viewer.progress import NEVER, CancelToken, Progress, silent

_NAMED = 5


@dataclass(frozen=True, slots=True)
class CompressSummary:
    """What `compress` did.

    Parameters
    ----------
    path : Path
        The archive.
    images, frames : int
    stored_bytes : float
        Stored bits of all frames / 8.
    source_bytes, payload_bytes, archive_bytes : int
    lossless : int
        Images whose every stored value comes back.
    refused : tuple of Refusal
        What was left out, and why.
    notices : tuple of str
        What encoders did otherwise than asked and what to beware of, each sentence once.
    costs : SavingCosts or None
        What the bytes are for.
    """

    path: Path
    images: int
    frames: int
    stored_bytes: float
    source_bytes: int
    payload_bytes: int
    archive_bytes: int
    lossless: int
    refused: tuple[Refusal, ...] = ()
    notices: tuple[str, ...] = ()
    costs: SavingCosts | None = None

    def sentence(self) -> str:
        """Return what was kept and what it saved, and a line for each file left out."""
        kind = (
            "lossless"
            if self.lossless == self.images
            else f"lossy ({self.lossless} lossless)"
            if self.lossless
            else "lossy"
        )
        lines = [
            f"{self.path}: {self.images} image(s), {self.frames} frame(s), {kind}, "
            f"{self.stored_bytes / self.payload_bytes:.1f}:1 against stored bits; "
            f"{self.archive_bytes} bytes in the archive for {self.source_bytes} in the files.",
            *(self.costs.sentences()[1:] if self.costs else ()),
            *self.notices,
            *(f"Left out: {refusal.reason}" for refusal in self.refused),
        ]
        return "\n".join(lines)


@dataclass
class _Tally:
    """Sums over the images that went into the archive."""

    refused: list[Refusal]
    notices: dict[str, None] = field(default_factory=dict)
    images: int = 0
    frames: int = 0
    stored_bits: int = 0
    source_bytes: int = 0
    payload_bytes: int = 0
    lossless: int = 0
    costs: SavingCosts | None = None

    def add(self, image: CodedImage) -> None:
        """Take in an image."""
        self.images += 1
        self.frames += len(image.frames)
        self.stored_bits += image.header.stored_bits_total * len(image.frames)
        self.source_bytes += image.source.size
        self.payload_bytes += image.payload_bytes
        self.lossless += image.lossless
        if image.coding.notice:
            self.notices[image.coding.notice] = None
        if not image.coding.normative:
            self.notices[not_normative(image.coding.codec)] = None
        costs = saving_costs([image])
        self.costs = plus(self.costs, costs, same_decoder=True) if self.costs else costs


def compress(
    paths: Iterable[Path | str],
    output: Path | str,
    *,
    codec_name: str,
    target: Target,
    options: Options = Options(),
    skip_bad: bool = False,
    keep: Keep = WITH_DECODER,
    deidentified: bool = False,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> CompressSummary:
    """Code all images of files and folders into one archive.

    Parameters
    ----------
    skip_bad : bool
        Leave out images that cannot be opened or coded instead of failing.
    keep : Keep
        Whether the original files and a learned codec's decoder go in.
    deidentified : bool
        Whether what tells whose image it is is taken out before coding (PS3.15 Basic Profile);
        images are then named by their number.

    Raises
    ------
    ArchiveError
        When nothing is left to write, a file cannot be opened (without `skip_bad`), or the
        archive cannot be written.
    RadviewError
        Naming the file that cannot be coded, without `skip_bad`.
    Cancelled
    """
    output = Path(output)
    if deidentified and keep.original:
        raise ArchiveError("An original file tells whose image it is; it is not kept with that.")
    usable_codec(codec_name)
    archives: list[Path] = []
    library = scan(
        paths, on_archive=archives.append, progress=stage(progress, 0.0, 0.05), cancel=cancel
    )
    refused = list(library.refusals)
    refused += [
        Refusal(path, f"{path.name}: it is a study archive already.")
        for path in archives
        if path.resolve() != output.resolve()
    ]
    if refused and not skip_bad:
        raise ArchiveError(_sentence_of(refused))
    for header in library.headers:
        if header.path.resolve() == output.resolve():
            raise ArchiveError(f"{output} is one of the images; give the archive another name.")
    tally = _Tally(refused)

    def code(header: Header, number: int, part: Progress) -> CodedImage:
        if deidentified:
            with deidentified_copy(header, number) as copy:
                if copy.warning:
                    tally.notices[f"{copy.header.path.name}: {copy.warning}"] = None
                return code_one(copy.header, part)
        return code_one(header, part)

    def code_one(header: Header, part: Progress) -> CodedImage:
        return code_image(
            header, codec_name, target, keep=keep, options=options, progress=part, cancel=cancel
        )

    coded = _coded(library.headers, code, tally, skip_bad, progress)
    written = write_archive(
        output, coded, options=options, progress=stage(progress, 0.7, 1.0), cancel=cancel
    )
    return CompressSummary(
        path=written,
        images=tally.images,
        frames=tally.frames,
        stored_bytes=tally.stored_bits / 8,
        source_bytes=tally.source_bytes,
        payload_bytes=tally.payload_bytes,
        archive_bytes=written.stat().st_size,
        lossless=tally.lossless,
        refused=tuple(tally.refused),
        notices=tuple(tally.notices),
        costs=tally.costs,
    )


def not_normative(codec_name: str) -> str:
    """Return the warning for a codec whose decoding varies with the device."""
    return (
        f"Beware: {codec_name} may decode to slightly other pixels on another device; "
        "archives meant to be exact need a codec that does not."
    )


def _coded(
    headers: tuple[Header, ...],
    code: Callable[[Header, int, Progress], CodedImage],
    tally: _Tally,
    skip_bad: bool,
    progress: Progress,
) -> Iterator[CodedImage]:
    """Code one image after the other, as the writer asks for them."""
    count = len(headers)
    for index, header in enumerate(headers):
        part = stage(
            progress,
            0.05 + 0.65 * index / count,
            0.05 + 0.65 * (index + 1) / count,
            f"Image {index + 1}/{count}: ",
        )
        try:
            image = code(header, index + 1, part)
        except Cancelled:
            raise
        except RadviewError as error:
            reason = str(error)
            if header.path.name not in reason:
                reason = f"{header.path.name}: {reason}"
            if not skip_bad:
                raise type(error)(reason) from error
            tally.refused.append(Refusal(header.path, reason))
            continue
        tally.add(image)
        yield image


def _sentence_of(refused: list[Refusal]) -> str:
    shown = " ".join(refusal.reason for refusal in refused[:_NAMED])
    more = f" And {len(refused) - _NAMED} more." if len(refused) > _NAMED else ""
    count = "1 file" if len(refused) == 1 else f"{len(refused)} files"
    return f"{count} cannot be opened; nothing was written. {shown}{more}"
