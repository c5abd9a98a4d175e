"""What the report says of codecs on clean images: the paper's table, curves, deeper images."""

from __future__ import annotations

from typing import Any

from viewer.evaluation.codec_table import LEARNED, MATCHED
from viewer.evaluation.paper_section import Section, interval, left_out, number
from viewer.evaluation.rd_result import TIMED_AGAINST
from viewer.evaluation.table_text import OTHER_IMAGES, PAPER_ROWS


def table(title: str, part: dict[str, Any]) -> Section:
    """Write the codec table (`viewer.evaluation.codec_table`)."""
    head = [
        "tested on",
        "codec",
        "setting",
        "trained on",
        "n (patients)",
        "ratio to 16 bit",
        "PSNR dB (95 %)",
        "SSIM (95 %)",
        "Frechet distance",
        "KID x 1000",
    ]
    rows = [
        [
            row["tested_on"],
            row["codec"],
            row["setting"],
            row["trained_on"] or "-",
            f"{row['pictures']} ({row['patients']})",
            f"{row['ratio_16bit']:.1f}",
            f"{row['psnr']:.2f} ({interval(row['psnr_interval'], '.2f')})",
            f"{row['ssim']:.4f} ({interval(row['ssim_interval'], '.4f')})",
            number(row["frechet"], ".2f"),
            number(None if row["kernel"] is None else 1000 * row["kernel"], ".2f"),
        ]
        for row in part["rows"]
    ]
    for name, ratio, psnr, ssim, frechet in PAPER_ROWS:
        paper = [f"{ratio:.1f}", f"{psnr:.2f}", f"{ssim:.3f}", f"{frechet:.2f}", "-"]
        rows.append(["the paper", name, "-", "-", "-", *paper])
    patches = part["rows"][0]["patches"] if part["rows"] else 0
    text = [
        f"{_sets(part)}. {patches} patches of 299 x 299 a set for the distances, at the same "
        "places of original and reconstruction: distances depend on their number (fewer give "
        "larger ones) and can be compared within this table alone, not with the paper's.",
        f"Every codec was asked for {16 / part['bpp']:.0f} : 1 against 16 bits; one with few rates "
        "takes its nearest. Codecs that were trained on both sets have seen neither's test images.",
        OTHER_IMAGES,
    ]
    return Section("table", title, text, [[head, *rows]], [*_matched(part), *left_out(part)])


def _matched(part: dict[str, Any]) -> list[str]:
    """What the rows of JPEG 2000 at equal bytes and at equal Frechet distance say, a set each."""
    found = []
    for name in dict.fromkeys(row["tested_on"] for row in part["rows"]):
        rows = [row for row in part["rows"] if row["tested_on"] == name]
        learned = next((row for row in rows if row["codec"] == LEARNED), None)
        settings = {row["setting"]: row for row in rows if row["codec"] == MATCHED}
        distance = settings.get(f"Frechet distance of {LEARNED}")
        equal = settings.get(f"bytes of {LEARNED}")
        if learned is None or equal is None:
            continue
        gains = equal["psnr"] - learned["psnr"], equal["ssim"] - learned["ssim"]
        text = (
            f"{name}: at the bytes of {LEARNED}, {MATCHED} stands at {gains[0]:+.2f} dB PSNR and "
            f"{gains[1]:+.4f} SSIM from it"
        )
        if distance is not None:
            text += (
                f"; at its Frechet distance ({learned['frechet']:.2f}; found "
                f"{distance['frechet']:.2f}) {MATCHED} takes {distance['ratio_16bit']:.1f} : 1, "
                f"{LEARNED} {learned['ratio_16bit']:.1f} : 1"
            )
        found.append(text + ".")
    return found


def _sets(part: dict[str, Any]) -> str:
    sets = {row["tested_on"]: row["pictures"] for row in part["rows"]}
    return "Test sets: " + ", ".join(f"{name} ({count} images)" for name, count in sets.items())


def rd(title: str, part: dict[str, Any]) -> Section:
    """Write the curves of 8-bit chests (`viewer.evaluation.rd`)."""
    curves = [["codec", "bpp", "PSNR dB", "SSIM", "MS-SSIM"]]
    for curve in part["curves"]:
        results = curve["results"]
        columns = (results["bpp"], results["psnr"], results["ssim"], results["ms-ssim"])
        for bpp, psnr, ssim, ms_ssim in zip(*columns, strict=True):
            figures = (number(bpp, ".3f"), number(psnr, ".2f"), number(ssim, ".4f"))
            row = [curve["name"], *figures, number(ms_ssim, ".4f")]
            # A codec of few rates gives the same for several that were asked for.
            if row != curves[-1]:
                curves.append(row)
    differences = [["codec", f"BD-rate (PSNR) against {TIMED_AGAINST}", "95 %, by patient"]]
    for codec, others in part["bd_rate_psnr_detail"].items():
        entry = others.get(TIMED_AGAINST)
        if entry:
            ends = interval(entry["interval"], "+.1f")
            differences.append([codec, f"{entry['mean_curve']:+.1f} %", ends])
    times = [["codec", "encode, processor s / megapixel", "decode", "encode ratio", "decode ratio"]]
    for codec, entry in part["seconds_per_megapixel"].items():
        times.append(
            [
                codec,
                f"{entry['encode_processor']:.3f}",
                f"{entry['decode_processor']:.3f}",
                number(entry.get("encode_processor_ratio"), ".2f"),
                number(entry.get("decode_processor_ratio"), ".2f"),
            ]
        )
    text = [
        f"{part['images']} images of {part['patients']} patients, whole, bytes of real bitstreams, "
        "PSNR with peak 2^BitsStored - 1, means over images at each rate. Times are processor "
        "seconds of one run, beside other work on the machine, the ratios to OpenJPEG's in the "
        "same run; the codecs' cards have the newest. A codec of fewer than four rates has no "
        "BD-rate.",
        "Beyond the papers.",
    ]
    notes = [f"{c['name']}: {c['description']}." for c in part["curves"] if c["description"]]
    caption = "Rate against PSNR, SSIM and MS-SSIM"
    return Section(
        "rd", title, text, [curves, differences, times], [*notes, *left_out(part)], caption
    )


def deep(title: str, part: dict[str, Any]) -> Section:
    """Write the differences in rate on radiographs of 10 to 16 bits."""
    bits = {row["image"]: row["bits_stored"] for row in part["rows"]}
    detail = part["bd_rate_psnr_detail"]
    codecs = [c for c in detail if c != TIMED_AGAINST and TIMED_AGAINST in detail[c]]
    table = [["image", "stored bits", *codecs]]
    for image, depth in bits.items():
        cells = [
            number(detail[codec][TIMED_AGAINST]["images"].get(image), "+.1f") for codec in codecs
        ]
        table.append([image, str(depth), *cells])
    low, high = (f"{end(row['asked_bpp'] for row in part['rows']):g}" for end in (min, max))
    text = [
        f"{len(bits)} DICOM radiographs of 10 to 16 stored bits, MONOCHROME1 as stored, "
        f"{part['crop']} x {part['crop']} from the middle: BD-rate (PSNR, peak 2^BitsStored - 1) "
        f"against {TIMED_AGAINST} in percent, {low} to {high} bits per pixel; negative is fewer "
        "bits, - where a codec does not take such pixels or the curves do not meet.",
        "Beyond the papers.",
    ]
    return Section("deep", title, text, [table], left_out(part), "Means over all of them")
