"""Where the bytes of one image are: in memory while coding, in an archive file afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from viewer.archive.spilled import SpilledBytes


class Members(Protocol):
    """Where the bytes of one image are: in memory while coding, in a file afterwards.

    Every method raises `ArchiveError` when the bytes are damaged or gone.
    """

    def payload(self, frame: int) -> bytes:
        """Return the bitstream of a frame."""

    def witness(self, frame: int) -> bytes:
        """Return the sampled decoded values of a frame, b"" where none were kept."""

    def dicom_header(self) -> bytes:
        """Return the source's DICOM file without its pixel data, b"" for raster files."""

    def thumbnail(self) -> bytes:
        """Return the thumbnail as PNG, b"" where none was kept."""

    def measurements(self) -> bytes:
        """Return the measurements made on the image as a JSON object, b"" where none were kept."""

    def original(self, index: int) -> bytes:
        """Return a member that the original file is put together from."""

    def decoder(self, index: int) -> bytes:
        """Return a weights file the bitstreams need."""


@dataclass(frozen=True, slots=True)
class HeldMembers:
    """What coding made and has not written yet: in memory, bitstreams of many frames in a file."""

    payloads: tuple[bytes, ...] | SpilledBytes
    witnesses: tuple[bytes, ...] = ()
    header: bytes = b""
    picture: bytes = b""
    measured: bytes = b""
    originals: tuple[bytes, ...] = ()
    weights: tuple[bytes, ...] = ()

    def payload(self, frame: int) -> bytes:
        """Return the bitstream of a frame."""
        return self.payloads[frame]

    def witness(self, frame: int) -> bytes:
        """Return the sampled decoded values of a frame."""
        return self.witnesses[frame] if self.witnesses else b""

    def dicom_header(self) -> bytes:
        """Return the source's DICOM file without its pixel data."""
        return self.header

    def thumbnail(self) -> bytes:
        """Return the thumbnail as PNG."""
        return self.picture

    def measurements(self) -> bytes:
        """Return the measurements made on the image as a JSON object."""
        return self.measured

    def original(self, index: int) -> bytes:
        """Return a member that the original file is put together from."""
        return self.originals[index]

    def decoder(self, index: int) -> bytes:
        """Return a weights file the bitstreams need."""
        return self.weights[index]


@dataclass(frozen=True, slots=True)
class RemeasuredMembers:
    """The bytes of an image with other measurements than were kept with it.

    Parameters
    ----------
    others : Members
        Where all else is.
    measured : bytes
        A JSON object, or b"" for none.
    """

    others: Members
    measured: bytes

    def payload(self, frame: int) -> bytes:
        """Return the bitstream of a frame."""
        return self.others.payload(frame)

    def witness(self, frame: int) -> bytes:
        """Return the sampled decoded values of a frame."""
        return self.others.witness(frame)

    def dicom_header(self) -> bytes:
        """Return the source's DICOM file without its pixel data."""
        return self.others.dicom_header()

    def thumbnail(self) -> bytes:
        """Return the thumbnail as PNG."""
        return self.others.thumbnail()

    def measurements(self) -> bytes:
        """Return the measurements made on the image as a JSON object."""
        return self.measured

    def original(self, index: int) -> bytes:
        """Return a member that the original file is put together from."""
        return self.others.original(index)

    def decoder(self, index: int) -> bytes:
        """Return a weights file the bitstreams need."""
        return self.others.decoder(index)


@dataclass(frozen=True, slots=True)
class DecoderFile:
    """A weights file that travels with the images that need it.

    Parameters
    ----------
    sha256 : str
        Of the file; bitstreams name its first bytes.
    size : int
    """

    sha256: str
    size: int
