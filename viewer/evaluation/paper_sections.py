"""What the report on the papers says: a section a stage, with the papers' figures beside ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from viewer.evaluation.rd_result import TIMED_AGAINST
from viewer.evaluation.table_text import OTHER_IMAGES, PAPER_ROWS

Table = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the report.

    Parameters
    ----------
    name : str
        Of the stage.
    title : str
    text : sequence of str
        Paragraphs before the tables: sample sizes first.
    tables : sequence of table
        Rows of cells, the first one the head.
    notes : sequence of str
        Paragraphs behind.
    caption : str
        Of the picture.
    """

    name: str
    title: str
    text: Sequence[str]
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    caption: str = ""


def sections(parts: dict[str, dict[str, Any]]) -> list[Section]:
    """Return the sections of what is there; a sentence stands for what is not."""
    found = []
    for name, (title, make) in _MAKERS.items():
        if name in parts:
            found.append(make(title, parts[name]))
        else:
            found.append(Section(name, title, ["This part has not been computed."]))
    return found


def _interval(ends: Sequence[float | None] | None, form: str) -> str:
    if not ends or ends[0] is None or ends[1] is None:
        return "-"
    return f"{ends[0]:{form}} .. {ends[1]:{form}}"


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else f"{value:{form}}"


def _table(title: str, part: dict[str, Any]) -> Section:
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
            f"{row['psnr']:.2f} ({_interval(row['psnr_interval'], '.2f')})",
            f"{row['ssim']:.4f} ({_interval(row['ssim_interval'], '.4f')})",
            _number(row["frechet"], ".2f"),
            _number(None if row["kernel"] is None else 1000 * row["kernel"], ".2f"),
        ]
        for row in part["rows"]
    ]
    for name, ratio, psnr, ssim, frechet in PAPER_ROWS:
        paper = [f"{ratio:.1f}", f"{psnr:.2f}", f"{ssim:.3f}", f"{frechet:.2f}", "-"]
        rows.append(["the paper", name, "-", "-", "-", *paper])
    patches = part["rows"][0]["patches"] if part["rows"] else 0
    text = [
        f"{_sets(part)}. {patches} patches of 299 x 299 a set for the distances, at the same "
        "places of original and reconstruction: distances depend on their number and can be "
        "compared among themselves alone.",
        OTHER_IMAGES,
    ]
    return Section("table", title, text, [[head, *rows]], _left_out(part))


def _sets(part: dict[str, Any]) -> str:
    sets = {row["tested_on"]: row["pictures"] for row in part["rows"]}
    return "Test sets: " + ", ".join(f"{name} ({count} images)" for name, count in sets.items())


def _rd(title: str, part: dict[str, Any]) -> Section:
    curves = [["codec", "bpp", "PSNR dB", "SSIM", "MS-SSIM"]]
    for curve in part["curves"]:
        results = curve["results"]
        columns = (results["bpp"], results["psnr"], results["ssim"], results["ms-ssim"])
        for bpp, psnr, ssim, ms_ssim in zip(*columns, strict=True):
            figures = (_number(bpp, ".3f"), _number(psnr, ".2f"), _number(ssim, ".4f"))
            row = [curve["name"], *figures, _number(ms_ssim, ".4f")]
            # A codec of few rates gives the same for several that were asked for.
            if row != curves[-1]:
                curves.append(row)
    differences = [["codec", f"BD-rate (PSNR) against {TIMED_AGAINST}", "95 %, by patient"]]
    for codec, others in part["bd_rate_psnr_detail"].items():
        entry = others.get(TIMED_AGAINST)
        if entry:
            ends = _interval(entry["interval"], "+.1f")
            differences.append([codec, f"{entry['mean_curve']:+.1f} %", ends])
    times = [["codec", "encode, processor s / megapixel", "decode", "encode ratio", "decode ratio"]]
    for codec, entry in part["seconds_per_megapixel"].items():
        times.append(
            [
                codec,
                f"{entry['encode_processor']:.3f}",
                f"{entry['decode_processor']:.3f}",
                _number(entry.get("encode_processor_ratio"), ".2f"),
                _number(entry.get("decode_processor_ratio"), ".2f"),
            ]
        )
    text = [
        f"{part['images']} images of {part['patients']} patients, whole, bytes of real bitstreams, "
        "PSNR with peak 2^BitsStored - 1, means over images at each rate.",
        "Beyond the papers.",
    ]
    notes = [f"{c['name']}: {c['description']}." for c in part["curves"] if c["description"]]
    caption = "Rate against PSNR, SSIM and MS-SSIM"
    return Section(
        "rd", title, text, [curves, differences, times], [*notes, *_left_out(part)], caption
    )


def _deep(title: str, part: dict[str, Any]) -> Section:
    bits = {row["image"]: row["bits_stored"] for row in part["rows"]}
    detail = part["bd_rate_psnr_detail"]
    codecs = [c for c in detail if c != TIMED_AGAINST and TIMED_AGAINST in detail[c]]
    table = [["image", "stored bits", *codecs]]
    for image, depth in bits.items():
        cells = [
            _number(detail[codec][TIMED_AGAINST]["images"].get(image), "+.1f") for codec in codecs
        ]
        table.append([image, str(depth), *cells])
    low, high = (f"{end(row['asked_bpp'] for row in part['rows']):g}" for end in (min, max))
    text = [
        f"{len(bits)} DICOM radiographs of 10 to 16 stored bits, MONOCHROME1 as stored, "
        f"{part['crop']} x {part['crop']} from the middle: BD-rate (PSNR, peak 2^BitsStored - 1) "
        f"against {TIMED_AGAINST} in percent, {low} to {high} bits per pixel; negative is fewer "
        "bits.",
        "Beyond the papers.",
    ]
    return Section("deep", title, text, [table], _left_out(part), "Means over all of them")


def _robustness(title: str, part: dict[str, Any]) -> Section:
    head = [
        "kind",
        "strength / picture",
        "codec",
        "n",
        "bpp",
        "PSNR dB (95 %)",
        "SSIM",
        "max error",
    ]
    rows = [
        [
            row["kind"],
            row["name"],
            row["codec"],
            str(row["pictures"]),
            f"{row['bpp']:.3f}",
            _number(row["psnr"], ".2f")
            + (f" ({_interval(row['psnr_interval'], '.2f')})" if row["pictures"] > 1 else ""),
            f"{row['ssim']:.4f}",
            str(row["max_error"]),
        ]
        for row in part["rows"]
    ]
    text = [
        f"Asked for {part['bpp']:.3f} bits per pixel (24 : 1 against 16 bits); PSNR of the "
        "disturbed picture against its reconstruction; at most "
        f"{part['crop']} x {part['crop']} from the middle.",
        "These are other images than the paper's, an ultrasound stands in for its "
        "echocardiogram, and the strengths are this program's own.",
    ]
    caption = "Original, reconstruction and difference (black and white: 4 % of the range)"
    return Section("robustness", title, text, [[head, *rows]], _left_out(part), caption)


def _detectability(title: str, part: dict[str, Any]) -> Section:
    head = ["nodule", "codec", "ratio to 16 bit", "bpp", "AUC (95 %)", "d'", "change (95 %)"]
    rows = []
    for row in part["rows"]:
        area = f"{row['area']:.3f} ({_interval(row['interval'], '.3f')})"
        d_prime = _number(row["d_prime"], ".2f")
        if row["codec"] == "original":
            rows.append([row["nodule"], "original", "-", "-", area, d_prime, "-"])
            continue
        change = f"{row['change']:+.3f} ({_interval(row['change_interval'], '+.3f')})"
        rate = [f"{row['ratio_16bit']:.1f}", f"{row['bpp']:.3f}"]
        rows.append([row["nodule"], row["codec"], *rate, area, d_prime, change])
    text = [
        f"Nodules planted in {part['regions']} regions of {part['pictures']} images of "
        f"{part['patients']} patients"
        + (f" ({part['crop']} x {part['crop']} from the middle)" if part["crop"] else "")
        + "; a channelised Hotelling observer (10 Laguerre-Gauss "
        "channels, signal and place known, template learned from other patients on the same codec "
        "and rate).",
        "Beyond the papers. An observer that knows the place is not a radiologist: it tells which "
        "codec keeps more, not how much is enough.",
    ]
    caption = "Area under the ROC curve against the ratio, with 95 % intervals by patient"
    return Section("detectability", title, text, [[head, *rows]], _left_out(part), caption)


def _classifier(title: str, part: dict[str, Any]) -> Section:
    head = ["input", "class (positives)", "AUROC (95 %, by patient)"]
    rows = []
    for kind, found in part["inputs"].items():
        for name, entry in found["classes"].items():
            area = f"{entry['area']:.3f} ({_interval(entry['interval'], '.3f')})"
            rows.append([kind, f"{name} ({part['classes'][name]})", area])
        mean = f"{found['mean']:.3f} ({_interval(found['mean_interval'], '.3f')})"
        rows.append([kind, "mean", mean])
    costs = [
        [
            "input",
            "s / epoch",
            "of processor",
            "peak memory MiB",
            "MMAC here",
            "GMAC at 1024 x 1024",
            "paper GMAC",
        ]
    ]
    for kind, found in part["inputs"].items():
        costs.append(
            [
                kind,
                f"{found['epoch_seconds']:.1f}",
                f"{found['epoch_processor_seconds']:.1f}",
                f"{found['peak_memory'] / 2**20:.0f}",
                f"{part['macs'][kind] / 1e6:.1f}",
                f"{part['macs_1024'][kind] / 1e9:.2f}",
                f"{part['paper_gmacs'][kind]:.2f}",
            ]
        )
    shape = part["shape"]
    text = [
        f"{part['pictures']} radiographs of {part['patients']} patients, {part['folds']} folds by "
        f"patient, {len(part['seeds'])} seeds, {part['recipe']['epochs']} epochs; DenseNet of "
        f"blocks {tuple(shape['blocks'])}, growth {shape['growth']}, not pretrained, pictures of "
        f"{part['side']} x {part['side']} (reduced to {part['coded_side']} before coding, where "
        f"they were larger), on {part['device']}.",
        "That is very little data: the paper's figures are of other and far more images (CheXpert, "
        "MIMIC), and its AUROC cannot be set against these. The codec was trained on 300 of these "
        "images, so their reconstructions and latents are kinder than those of unseen ones.",
        f"Counting rule: {part['rule']}.",
    ]
    return Section("classifier", title, text, [[head, *rows], costs])


def _left_out(part: dict[str, Any]) -> list[str]:
    return [f"Left out: {text}" for text in part.get("refused", ())]


_MAKERS: dict[str, tuple[str, Callable[[str, dict[str, Any]], Section]]] = {
    "table": ("Codec table (Kwon et al. 2020, figure 2)", _table),
    "rd": ("Rate and distortion", _rd),
    "deep": ("10 to 16 bits", _deep),
    "robustness": ("Robustness (Kwon et al. 2020, figure 3)", _robustness),
    "classifier": ("Classifier (Kwon et al. 2020, table 1)", _classifier),
    "detectability": ("Does detail survive?", _detectability),
}
