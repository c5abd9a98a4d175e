"""What the report says of its studies: disturbed images, planted nodules, the classifier."""

from __future__ import annotations

from typing import Any

from viewer.evaluation.paper_section import Section, interval, left_out, number


def robustness(title: str, part: dict[str, Any]) -> Section:
    """Write the table of disturbed radiographs and other modalities."""
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
            number(row["psnr"], ".2f")
            + (f" ({interval(row['psnr_interval'], '.2f')})" if row["pictures"] > 1 else ""),
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
    return Section("robustness", title, text, [[head, *rows]], left_out(part), caption)


def detectability(title: str, part: dict[str, Any]) -> Section:
    """Write what became of planted nodules (`viewer.evaluation.nodule_study`)."""
    head = ["nodule", "codec", "ratio to 16 bit", "bpp", "AUC (95 %)", "d'", "change (95 %)"]
    rows = []
    for row in part["rows"]:
        area = f"{row['area']:.3f} ({interval(row['interval'], '.3f')})"
        d_prime = number(row["d_prime"], ".2f")
        if row["codec"] == "original":
            rows.append([row["nodule"], "original", "-", "-", area, d_prime, "-"])
            continue
        change = f"{row['change']:+.3f} ({interval(row['change_interval'], '+.3f')})"
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
    return Section("detectability", title, text, [[head, *rows]], left_out(part), caption)


def classifier(title: str, part: dict[str, Any]) -> Section:
    """Write the cross-validation (`viewer.training.classifier_validation`)."""
    head = ["input", "class (positives)", "AUROC (95 %, by patient)"]
    rows = []
    for kind, found in part["inputs"].items():
        for name, entry in found["classes"].items():
            area = f"{entry['area']:.3f} ({interval(entry['interval'], '.3f')})"
            rows.append([kind, f"{name} ({part['classes'][name]})", area])
        mean = f"{found['mean']:.3f} ({interval(found['mean_interval'], '.3f')})"
        by_seed = ", ".join(f"{area:.3f}" for area in found["seeds"])
        rows.append([kind, "mean", f"{mean}; by seed {by_seed}"])
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
