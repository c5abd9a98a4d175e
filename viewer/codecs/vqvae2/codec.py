"""The codec `vqvae2` as the registry knows it; torch is imported when it first works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from viewer.codecs import carried_weights, colour_planes, model_files
from viewer.codecs.base import (
    Codec,
    CodecInfo,
    Decoded,
    Encoded,
    Options,
    PixelFormat,
    Stopwatch,
    Target,
    largest_error,
)
from viewer.codecs.vqvae2 import container
from viewer.codecs.vqvae2.released import newest_path, released
from viewer.errors import CodecError, CodecUnavailableError, ModelError
from viewer.images.radiograph import StoredPixels
from viewer.progress import NEVER, CancelToken, Progress, silent


class Vqvae2(Codec):
    """The learned codec a reader would choose.

    Parameters
    ----------
    weights : Path, optional
        A model of the user's own; the newest released one without.
    """

    info = CodecInfo(
        name="vqvae2",
        title="VQ-VAE-2 (learned)",
        mark="VQ-VAE-2",
        dicom_method="RADVIEW_VQVAE2",
        normative=True,
        learned=True,
        targets=("ratio", "bpp", "psnr", "quality", "max_error", "lossless"),
        teaches="Codes coarse structure first, then fine detail with a learned guess of each code "
        "from what is known already; a learned filter restores the picture.",
    )

    def __init__(self, weights: Path | None = None) -> None:
        self._weights = weights

    def recognises(self, data: bytes) -> bool:
        """Whether `data` starts like a bitstream of this codec."""
        return colour_planes.recognises(data, self.info.name) or container.looks_like(data)

    def weights(self) -> tuple[Path, ...]:
        """Return the weights file that encoding uses."""
        return (self._weights or newest_path(),)

    def shipped_models(self) -> tuple[Path, ...]:
        """Return every model ever released, newest first."""
        return tuple(reversed(released().values()))

    def check_model(self, path: Path) -> None:
        """See that a weights file is a model of this codec."""
        from viewer.codecs.vqvae2 import model

        model.load_path(path)

    def unavailable(self) -> str:
        """Return why the codec cannot be used, or ""."""
        try:
            _ = self._weights or newest_path()
        except ModelError as error:
            return str(error)
        return ""

    def encode(
        self,
        pixels: StoredPixels,
        pixel_format: PixelFormat,
        target: Target,
        *,
        options: Options = Options(),
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> Encoded:
        """Code one frame; see `viewer.codecs.base.Codec.encode`."""
        if colour_planes.is_colour(pixels):
            return colour_planes.encode(
                self,
                pixels,
                pixel_format,
                target,
                options=options,
                progress=progress,
                cancel=cancel,
            )
        watch = Stopwatch()
        _check(pixels, pixel_format)
        from viewer.codecs.vqvae2 import encoding, exact, model
        from viewer.networks.device import choose_device

        try:
            path = model_files.chosen(self.info.name, options.model) or self._weights
            weights = model.load_path(path) if path else model.newest()
            weights = weights.on(choose_device(options.device))
        except ModelError as error:
            raise CodecUnavailableError(str(error)) from error
        asked = (pixels, pixel_format, target, weights, options.tile, progress, cancel)
        bounded = largest_error(target) is not None
        preview = options.preview
        data = exact.encode(*asked) if bounded else encoding.encode(*asked, preview=preview)
        name = f"{weights.name} {weights.digest.hex()}"
        device = str(weights.device.type)
        return Encoded(data, model=name, device=device, seconds=watch.seconds())

    def decode(
        self,
        data: bytes,
        *,
        options: Options = Options(),
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> Decoded:
        """Give back the pixels; see `viewer.codecs.base.Codec.decode`."""
        if colour_planes.recognises(data, self.info.name):
            return colour_planes.decode(
                self, data, options=options, progress=progress, cancel=cancel
            )
        *_, last = self._parts(data, options, progress, cancel)
        return last

    def decode_parts(
        self,
        data: bytes,
        *,
        options: Options = Options(),
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> Iterator[Decoded]:
        """Give back the base picture first; see `viewer.codecs.base.Codec.decode_parts`."""
        if colour_planes.recognises(data, self.info.name):
            yield self.decode(data, options=options, progress=progress, cancel=cancel)
        else:
            yield from self._parts(data, options, progress, cancel)

    def _parts(
        self, data: bytes, options: Options, progress: Progress, cancel: CancelToken
    ) -> Iterator[Decoded]:
        watch = Stopwatch()
        header, coded = container.unpack(data)
        from viewer.codecs.vqvae2 import decoding, exact, kept, model
        from viewer.networks.device import choose_device

        pixel_format = PixelFormat(header.bits_stored, header.signed)
        known = kept.pixels_of(data) if options.preview else None
        if known is not None:
            yield Decoded(known, pixel_format, seconds=watch.seconds())
            return
        try:
            extra = (
                self._weights,
                carried_weights.find(header.model),
                model_files.find(self.info.name, header.model.hex()),
            )
            weights = model.by_digest(header.model, tuple(path for path in extra if path))
            weights = weights.on(choose_device(options.device))
        except ModelError as error:
            raise CodecUnavailableError(str(error)) from error
        device = str(weights.device.type)
        follows = data[container.layer_start(header, coded) :]
        if header.layered and follows and not options.base_only:
            parts = exact.decode_parts(header, coded, follows, weights, progress, cancel)
            for number, pixels in enumerate(parts):
                seconds = watch.seconds()
                yield Decoded(pixels, pixel_format, device, seconds, partial=number == 0)
        else:
            pixels = decoding.decode(header, coded, weights, progress, cancel)
            seconds = watch.seconds()
            yield Decoded(pixels, pixel_format, device, seconds, partial=header.layered)


def _check(pixels: StoredPixels, pixel_format: PixelFormat) -> None:
    if pixels.ndim != 2:
        raise CodecError("The codec vqvae2 codes grey images and RGB; this is neither.")
    if pixels.dtype.name not in container.TYPES or not 1 <= pixel_format.bits_stored <= 16:
        raise CodecError(
            f"The codec vqvae2 codes 1 to 16 bits; this image has {pixel_format.bits_stored} "
            f"in {pixels.dtype.name}."
        )
    rows, columns = pixels.shape
    side = container.MAX_SIDE
    if not (1 <= rows <= side and 1 <= columns <= side and rows * columns <= container.MAX_PIXELS):
        raise CodecError(f"An image of {rows} x {columns} is beyond what the codec vqvae2 codes.")
