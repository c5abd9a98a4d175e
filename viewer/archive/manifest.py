"""`CodedImage` <-> JSON: the archive's list of contents, described in docs/FORMAT.md."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from viewer.archive.container import MAX_MEMBER_BYTES, MAX_MEMBERS, Member
from viewer.archive.header_record import header_from_json, header_to_json
from viewer.archive.json_fields import Fields
from viewer.archive.members import Members
from viewer.archive.model import CodedFrame, CodedImage, Coding, Source
from viewer.archive.original_record import (
    decoders_from_json,
    original_from_json,
    original_to_json,
)
from viewer.archive.study_tree import study_tree
from viewer.codecs.base import Target, TargetKind
from viewer.errors import ArchiveError
from viewer.images.radiograph import Identity
from viewer.metrics.figures import Figures

FORMAT, VERSION = "radz", 1
MAX_MANIFEST_BYTES = 32 << 20
_LARGEST = 1 << 62
_SHORT = 128


@dataclass(frozen=True, slots=True)
class WrittenMembers:
    """Where the bytes of an image went."""

    payloads: list[Member]
    witnesses: list[Member]
    dicom_header: Member | None
    thumbnail: Member | None
    measurements: Member | None
    originals: list[Member]
    decoders: list[Member]


def image_to_json(image: CodedImage, written: WrittenMembers) -> dict[str, Any]:
    """Return the record of an image whose members are written."""
    payloads, witnesses = written.payloads, written.witnesses
    source, coding = image.source, image.coding
    return {
        "number": image.number,
        "source": {
            "name": source.name,
            "bytes": source.size,
            "sha256": source.sha256,
            "pixel_data_offset": source.pixel_data_offset,
            "header_verbatim": source.header_verbatim,
        },
        "codec": {
            "name": coding.codec,
            "mark": coding.mark,
            "dicom_method": coding.dicom_method,
            "normative": coding.normative,
            "target": _target(coding.target),
            "model": coding.model,
            "notice": coding.notice,
            "coded_at": coding.coded_at,
        },
        "lossless": image.lossless,
        "ratio_stored": round(image.ratio_stored, 4),
        "original_pixels_sha256": image.original_sha256,
        "decoded_pixels_sha256": image.decoded_sha256,
        "frames": [
            {
                "payload": _reference(payload),
                "witness": _reference(witnesses[index]) if witnesses else None,
                "original_pixels_sha256": frame.original_sha256,
                "decoded_pixels_sha256": frame.decoded_sha256,
                "figures": _figures_to_json(frame.figures),
                "device": frame.device,
                "encode_s": round(frame.encode_seconds, 4),
                "decode_s": round(frame.decode_seconds, 4),
            }
            for index, (frame, payload) in enumerate(zip(image.frames, payloads, strict=True))
        ],
        "dicom_header": _reference_or_null(written.dicom_header),
        "thumbnail": _reference_or_null(written.thumbnail),
        "measurements": _reference_or_null(written.measurements),
        "original": original_to_json(image.original, written.originals) if image.original else None,
        "decoders": [_reference(member) for member in written.decoders],
        "header": header_to_json(image.header),
    }


def image_from_json(record: Fields, path: Path, members: Members) -> CodedImage:
    """Return the image of a record, checked.

    Raises
    ------
    ArchiveError
        When the record is not valid.
    """
    number = record.integer("number", 1, MAX_MEMBERS)
    source = record.fields("source")
    name = source.text("name", 1024)
    header = header_from_json(record.fields("header"), path / f"{number:04d}" / _plain(name))
    frames = tuple(_frame(frame) for frame in record.objects("frames", MAX_MEMBERS))
    if len(frames) != header.frames:
        raise ArchiveError(
            f"The archive is not valid: image {number:04d} has {len(frames)} payloads for "
            f"{header.frames} frames."
        )
    return CodedImage(
        header=header,
        source=Source(
            name=name,
            size=source.integer("bytes", 0, _LARGEST),
            sha256=source.sha256("sha256"),
            pixel_data_offset=source.integer("pixel_data_offset", 0, _LARGEST),
            header_verbatim=source.boolean("header_verbatim"),
        ),
        coding=_coding(record.fields("codec")),
        frames=frames,
        original_sha256=record.sha256("original_pixels_sha256"),
        decoded_sha256=record.sha256("decoded_pixels_sha256"),
        members=members,
        number=number,
        original=original_from_json(record),
        decoders=decoders_from_json(record),
    )


def manifest_to_json(
    records: list[dict[str, Any]],
    identities: list[Identity],
    members: list[Member],
    *,
    written_at: str,
    written_by: str,
) -> dict[str, Any]:
    """Return the whole manifest; `members` are all written so far, in order."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "written_at": written_at,
        "written_by": written_by,
        "patients": study_tree((record["number"] for record in records), identities),
        "images": records,
        "members": [
            {"member": m.name, "offset": m.offset, "bytes": m.size, "sha256": m.sha256}
            for m in members
        ],
    }


def check_version(manifest: Fields) -> None:
    """Refuse manifests this program does not know.

    Raises
    ------
    ArchiveError
    """
    if manifest.text("format", _SHORT) != FORMAT:
        raise ArchiveError("The archive is not valid: its manifest is not of the format radz.")
    version = manifest.integer("version", 1, _LARGEST)
    if version > VERSION:
        raise ArchiveError(
            f"The archive is of version {version}; this program reads version {VERSION}."
        )


def _reference(member: Member) -> dict[str, Any]:
    return {"member": member.name, "bytes": member.size, "sha256": member.sha256}


def _reference_or_null(member: Member | None) -> dict[str, Any] | None:
    return _reference(member) if member else None


def _frame(record: Fields) -> CodedFrame:
    payload = record.fields("payload")
    return CodedFrame(
        size=payload.integer("bytes", 1, MAX_MEMBER_BYTES),
        payload_sha256=payload.sha256("sha256"),
        original_sha256=record.sha256("original_pixels_sha256"),
        decoded_sha256=record.sha256("decoded_pixels_sha256"),
        figures=_figures(record.fields("figures")),
        device=record.text("device", _SHORT),
        encode_seconds=record.number("encode_s"),
        decode_seconds=record.number("decode_s"),
    )


def _target(target: Target) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": target.kind, "value": float(target.value)}
    return {**told, "base": float(target.base)} if target.base else told


def _base(target: Fields) -> float:
    return target.number("base") if target.has("base") else 0.0


def _coding(record: Fields) -> Coding:
    target = record.fields("target")
    kind = target.text("kind", _SHORT)
    for known in get_args(TargetKind):
        if kind == known:
            return Coding(
                codec=record.text("name", _SHORT),
                mark=record.text("mark", _SHORT),
                dicom_method=record.text("dicom_method", 16),
                normative=record.boolean("normative"),
                target=Target(known, target.number("value"), _base(target)),
                model=record.text("model", 1024),
                notice=record.text("notice"),
                coded_at=record.text("coded_at", _SHORT),
            )
    raise ArchiveError(f"The archive is not valid: {target.where} asks for no known kind.")


def _figures_to_json(figures: Figures) -> dict[str, Any]:
    values = asdict(figures)
    values["psnr_db"] = figures.psnr_db if math.isfinite(figures.psnr_db) else None
    return values


def _figures(record: Fields) -> Figures:
    psnr = record.number_or_null("psnr_db")
    return Figures(
        psnr_db=math.inf if psnr is None else psnr,
        ssim=record.number_or_null("ssim"),
        ms_ssim=record.number_or_null("ms_ssim"),
        max_error=record.integer("max_error", 0, 1 << 32),
        mean_squared_error=record.number("mean_squared_error"),
        # Archives written before padding was left out do not say it.
        padding_share=record.number("padding_share") if record.has("padding_share") else 0.0,
    )


def _plain(name: str) -> str:
    """Return a file name that is one step of a path whatever the archive says."""
    return name.replace("/", "_").replace("\\", "_").replace("\0", "_").strip(". ") or "image"
