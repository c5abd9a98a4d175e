"""A rate-distortion evaluation image by image: differences, and where a codec is not above."""

from __future__ import annotations

from viewer.evaluation.rd_result import TIMED_AGAINST, RdResult


def each_table(result: RdResult, reference: str = TIMED_AGAINST) -> str:
    """A line an image: stored bits, and every codec's BD-rate against the reference.

    Parameters
    ----------
    result : RdResult
    reference : str
        One of its codecs; without it the table is empty.
    """
    differences = result.differences()
    codecs = [
        codec for codec, others in differences.items() if reference in others and codec != reference
    ]
    if not codecs:
        return f"No codec can be set against {reference}."
    bits = {row.image: row.bits_stored for row in result.rows}
    wide = max(len(name) for name in [*bits, "image"])
    head = f"BD-rate (PSNR) against {reference}, percent"
    lines = [head, f"{'image':<{wide}}{'bits':>6}" + "".join(f"{name:>14}" for name in codecs)]
    for image, stored in bits.items():
        found = (differences[codec][reference]["images"].get(image) for codec in codecs)
        cells = (f"{'-':>14}" if value is None else f"{value:>+14.1f}" for value in found)
        lines.append(f"{image:<{wide}}{stored:>6}" + "".join(cells))
    for codec in codecs:
        lines.append(_below(result, codec, reference))
    return "\n".join(lines)


def _below(result: RdResult, codec: str, reference: str) -> str:
    """At how many images and rates the codec's PSNR is below the reference's."""
    other = {(row.image, row.asked_bpp): row.psnr for row in result.rows if row.codec == reference}
    compared = below = 0
    for row in result.rows:
        against = other.get((row.image, row.asked_bpp))
        if row.codec == codec and row.psnr is not None and against is not None:
            compared += 1
            below += row.psnr < against
    return f"{codec}: PSNR below {reference}'s at {below} of {compared} images and rates"
