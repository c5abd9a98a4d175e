"""Inside a bitstream of ``recurrent``: the picture after each pass, and what each pass took."""

from __future__ import annotations

from viewer.codecs import registry
from viewer.codecs.base import Options
from viewer.codecs.bitstream import HEADER_BYTES, unpack
from viewer.codecs.inspection import Choice, Inside, Share
from viewer.codecs.recurrent.codec import Recurrent
from viewer.codecs.recurrent.layers import NAME, prefix, sizes, split
from viewer.errors import CodecError
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels
from viewer.progress import CancelToken, Progress

BARE = "bare"
"""Key of the picture that the patterns make without the cells."""


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
    codec = registry.get(NAME)
    assert isinstance(codec, Recurrent)
    # Loaded for what it is: the cells of some models do nothing but restore.
    model = codec.model_of(header, options) if layers else None
    restoring = model is not None and model.network.encoder is None
    progress(1.0, "done")
    return PassesInside(data, sizes(layers), options, restoring=restoring)


class PassesInside(Inside):
    """The passes of one bitstream.

    Parameters
    ----------
    ends : list of int
        Bytes of the bitstream with 1, 2, ... passes.
    restoring : bool
        Whether the cells only restore what the patterns make, so that these can be shown alone.
    """

    def __init__(
        self, data: bytes, ends: list[int], options: Options, *, restoring: bool = False
    ) -> None:
        self._data, self._options = data, options
        shares = [Share("Header", 8.0 * HEADER_BYTES)]
        choices = []
        before = HEADER_BYTES
        for number, end in enumerate(ends, start=1):
            shares.append(Share(f"Pass {number}", 8.0 * (end - before)))
            title = f"After pass {number}"
            choices.append(Choice(str(number), title, "A shorter bitstream", float(end)))
            before = end
        if restoring and ends:
            tip = "The patterns of all bits added up, before the cells restore what they leave"
            choices.append(Choice(BARE, "All passes, without the cells", tip, float(ends[-1])))
        notes = ["Each pass codes what the passes before it got wrong."]
        if not ends:
            notes = ["All pixels of this picture are alike: nothing was coded."]
        super().__init__((), (), tuple(shares), tuple(choices), notes)

    def picture(self, key: str, *, progress: Progress, cancel: CancelToken) -> StoredPixels:
        """Decode the bitstream cut off after some passes."""
        if key not in {choice.key for choice in self.choices}:
            raise CodecError(f"There is no pass '{key}' in this bitstream.")
        codec = registry.get(NAME)
        if key == BARE:
            from viewer.codecs.recurrent.decoding import outline

            assert isinstance(codec, Recurrent)
            header, payload = unpack(self._data, NAME)
            layers = split(payload, header.rate)
            model = codec.model_of(header, self._options)
            return outline(model, header, layers, progress, cancel)
        shorter = prefix(self._data, int(key))
        decoded = codec.decode(shorter, options=self._options, progress=progress, cancel=cancel)
        return decoded.pixels
