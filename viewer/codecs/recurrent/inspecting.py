"""Inside a bitstream of ``recurrent``: the picture after each pass, and what each pass took."""

from __future__ import annotations

from viewer.codecs import registry
from viewer.codecs.base import Options
from viewer.codecs.bitstream import HEADER_BYTES, unpack
from viewer.codecs.inspection import Choice, Inside, Share
from viewer.codecs.recurrent.layers import NAME, prefix, sizes, split
from viewer.errors import CodecError
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels
from viewer.progress import CancelToken, Progress


def inspect(
    data: bytes,
    original: StoredPixels,
    pixel_format: PixelFormat,
    *,
    options: Options,
    progress: Progress,
    cancel: CancelToken,
) -> Inside:
    """Take the passes of a bitstream apart; see `viewer.codecs.inspection.inspect`."""
    header, payload = unpack(data, NAME)
    layers = split(payload, header.rate) if payload else []
    progress(1.0, "done")
    return PassesInside(data, sizes(layers), options)


class PassesInside(Inside):
    """The passes of one bitstream.

    Parameters
    ----------
    ends : list of int
        Bytes of the bitstream with 1, 2, ... passes.
    """

    def __init__(self, data: bytes, ends: list[int], options: Options) -> None:
        self._data, self._options = data, options
        shares = [Share("Header", 8.0 * HEADER_BYTES)]
        choices = []
        before = HEADER_BYTES
        for number, end in enumerate(ends, start=1):
            shares.append(Share(f"Pass {number}", 8.0 * (end - before)))
            title = f"After pass {number}"
            choices.append(Choice(str(number), title, "A shorter bitstream", float(end)))
            before = end
        notes = ["Each pass codes what the passes before it got wrong."]
        if not ends:
            notes = ["All pixels of this picture are alike: nothing was coded."]
        super().__init__((), (), tuple(shares), tuple(choices), notes)

    def picture(self, key: str, *, progress: Progress, cancel: CancelToken) -> StoredPixels:
        """Decode the bitstream cut off after some passes."""
        if key not in {choice.key for choice in self.choices}:
            raise CodecError(f"There is no pass '{key}' in this bitstream.")
        shorter = prefix(self._data, int(key))
        codec = registry.get(NAME)
        decoded = codec.decode(shorter, options=self._options, progress=progress, cancel=cancel)
        return decoded.pixels
