"""How much the report on the papers' tables measures: whole on a GPU, less on a processor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured; every one of these numbers stands in the report.

    Parameters
    ----------
    rd_images, table_images, disturbed_images, nodule_images : int or None
        At most so many images of a set; None takes all.
    rd_codecs, deep_codecs, table_codecs, disturbed_codecs, nodule_codecs : tuple of str
        Empty for all of the viewer that can aim at a rate.
    rates, nodule_rates : tuple of float
        Bits per pixel.
    patches : int
        For inception distances; 0 leaves them out.
    crop : int
        Side of what is taken of other modalities and disturbed images.
    nodule_crop : int or None
        Side of what is taken of images for nodules; None takes all.
    regions : int
        For nodules, an image.
    deep_crop : int
        Side of what is taken of radiographs of 10 to 16 bits.
    epochs, seeds, side : int
        Of the classifier; a side of 0 leaves it to the device.
    """

    rd_images: int | None = None
    rd_codecs: tuple[str, ...] = (
        "vqvae2",
        "vqvae2-paper",
        "jpeg2000",
        "jpegxl",
        "jpeg",
        "jpegls",
        "htj2k",
    )
    rates: tuple[float, ...] = (0.1, 0.2, 0.333, 0.5, 0.667, 1.0)
    table_images: int | None = None
    table_codecs: tuple[str, ...] = ()
    patches: int = 10_000
    disturbed_images: int | None = None
    disturbed_codecs: tuple[str, ...] = ("vqvae2-paper", "vqvae2", "jpeg2000")
    crop: int = 2048
    nodule_images: int | None = None
    nodule_codecs: tuple[str, ...] = (
        "vqvae2",
        "jpeg2000",
        "jpegxl",
        "vqvae2-paper",
        "recurrent",
        "dense",
        "deformed",
        "deformed-vqvae2",
    )
    nodule_rates: tuple[float, ...] = (0.05, 0.1, 0.2, 0.4, 0.8)
    nodule_crop: int | None = None
    regions: int = 12
    deep_crop: int = 1024
    deep_codecs: tuple[str, ...] = ("vqvae2", "jpeg2000", "jpegxl", "jpeg", "jpegls", "htj2k")
    epochs: int = 40
    seeds: int = 3
    side: int = 0


FULL = Sizes()
REDUCED = Sizes(
    rd_images=12,
    table_images=12,
    patches=180,
    disturbed_images=6,
    crop=768,
    nodule_images=20,
    nodule_rates=(0.05, 0.1, 0.2, 0.5),
    nodule_crop=512,
    regions=10,
    deep_crop=512,
    epochs=5,
    seeds=3,
    side=128,
)
"""For a processor: some seventy minutes of one free core."""

DECIDE = {
    "rd": ("rd_images", "rd_codecs", "rates"),
    "deep": ("deep_codecs", "rates", "deep_crop"),
    "table": ("table_images", "table_codecs", "patches"),
    "robustness": ("disturbed_images", "disturbed_codecs", "crop"),
    "detectability": ("nodule_images", "nodule_codecs", "nodule_rates", "nodule_crop", "regions"),
    "classifier": ("epochs", "seeds", "side"),
}
"""Part -> sizes that decide it."""
