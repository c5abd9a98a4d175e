"""What an archive will take, and after how many images a decoder that travels pays for itself."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from viewer.archive.model import CodedImage

MANIFEST_BYTES_PER_IMAGE = 9000
"""Records, hashes and ZIP headers of an image, about: they stand twice."""


@dataclass(frozen=True, slots=True)
class SavingCosts:
    """Bytes of an archive by what they are for.

    Parameters
    ----------
    images : int
    source_bytes : int
        Of the files the images come from.
    payload_bytes : int
        Of the bitstreams.
    header_bytes : int
        Of DICOM headers, thumbnails and measurements.
    decoder_bytes : int
        Of the weights that travel, each once.
    original_bytes : int
        Of what gives the source files back byte for byte, where they are kept.
    """

    images: int
    source_bytes: int
    payload_bytes: int
    header_bytes: int
    decoder_bytes: int
    original_bytes: int

    @property
    def archive_bytes(self) -> int:
        """Bytes of the whole archive, about."""
        parts = self.payload_bytes + self.header_bytes + self.decoder_bytes + self.original_bytes
        return parts + self.images * MANIFEST_BYTES_PER_IMAGE

    @property
    def break_even(self) -> int | None:
        """Images like these from which on the decoder costs less than they save.

        Saved is what the files take and the archive, without decoder, does not. 0 where no decoder
        travels, None where nothing is saved at all.
        """
        if not self.decoder_bytes:
            return 0
        saved = self.source_bytes - (self.archive_bytes - self.decoder_bytes)
        return math.ceil(self.decoder_bytes * self.images / saved) if saved > 0 else None

    def sentences(self) -> list[str]:
        """Return what a save dialog and the command line say."""
        said = [
            f"{self.source_bytes} bytes of files become about {self.archive_bytes}: "
            f"{self.payload_bytes} of bitstreams, {self.header_bytes} of headers and thumbnails."
        ]
        if self.original_bytes:
            said.append(
                f"The original files, byte for byte, take {self.original_bytes} bytes of it."
            )
        if self.decoder_bytes:
            said.append(f"The decoder inside takes {self.decoder_bytes} bytes; {self._pays()}")
        return said

    def _pays(self) -> str:
        needed = self.break_even
        if needed is None:
            return "it does not pay for itself: nothing is saved against the files."
        images = f"{needed} image" + ("" if needed == 1 else "s")
        return f"it pays for itself after {images} like these."


def saving_costs(images: Iterable[CodedImage]) -> SavingCosts:
    """Return what images already coded will take in an archive; nothing is written.

    Parameters
    ----------
    images : iterable of CodedImage
        With or without originals and decoders, as they are to be saved.
    """
    count = sources = payloads = headers = originals = 0
    decoders: dict[str, int] = {}
    for image in images:
        members = image.members
        count += 1
        sources += image.source.size
        payloads += image.payload_bytes
        headers += sum(
            len(data)
            for data in (members.dicom_header(), members.thumbnail(), members.measurements())
        )
        kept = {index for part in image.original for index in (part.data, part.rest) if index >= 0}
        originals += sum(len(members.original(index)) for index in kept)
        decoders |= {decoder.sha256: decoder.size for decoder in image.decoders}
    return SavingCosts(count, sources, payloads, headers, sum(decoders.values()), originals)


def plus(first: SavingCosts, second: SavingCosts, *, same_decoder: bool) -> SavingCosts:
    """Return the costs of two lots of images in one archive.

    Parameters
    ----------
    same_decoder : bool
        Whether both need the same decoder, which then stands in the archive once.
    """
    decoders = (first.decoder_bytes, second.decoder_bytes)
    return SavingCosts(
        first.images + second.images,
        first.source_bytes + second.source_bytes,
        first.payload_bytes + second.payload_bytes,
        first.header_bytes + second.header_bytes,
        max(decoders) if same_decoder else sum(decoders),
        first.original_bytes + second.original_bytes,
    )
