"""The whole files that fuzzing starts from, and how they are damaged."""

from __future__ import annotations

import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

_EDGES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_VALUES = (
    None, True, -1, 0, 1, 3, 65535, 65536, 1 << 31, 1 << 62, 1e308, -0.5, "", "x" * 300, [], {},
    "../../etc/passwd", "/abs", "decoders/x", "0" * 64, [[]], {"a": 1},
)  # fmt: skip


@dataclass(frozen=True)
class Seed:
    """A file that opens, and what reads it.

    Parameters
    ----------
    kind : str
        "archive", "bitstream", "dicom", "raster" or "folder" (ZIP files and DICOMDIRs).
    name : str
        What it is, for reports.
    data : bytes
    suffix : str
        Put behind "input" to name the file.
    """

    kind: str
    name: str
    data: bytes
    suffix: str = ""


def make_seeds(folder: Path) -> list[Seed]:
    """Make a small file of every kind: archives, bitstreams, DICOM in every syntax, pictures."""
    from tests.dicom_files import write_dicom_file
    from viewer.archive.exporting import export
    from viewer.archive.pixel_element import UIDS

    work = folder / "seeds"
    work.mkdir()
    y, x = np.mgrid[0:48, 0:40]
    grey = (900 + 12 * x + 9 * y + 300 * (np.hypot(x - 20, y - 24) < 12)).astype(np.uint16)
    listed = {"StudyTime": "101010", "StudyID": "1"}  # a DICOMDIR asks for them
    dicom = write_dicom_file(work / "chest.dcm", grey, bits_stored=12, **listed)
    frames = np.stack([grey, grey // 2, grey // 3])
    cine = write_dicom_file(work / "cine.dcm", frames, bits_stored=12, frames=3, **listed)
    seeds = []
    for syntax in UIDS:
        for source in (dicom, cine):
            for path in export([source], work / syntax, syntax=syntax).written:
                seeds.append(Seed("dicom", f"{source.stem} {syntax}", path.read_bytes(), ".dcm"))
    pictures = _pictures((grey >> 4).astype(np.uint8))
    seeds += [Seed("raster", suffix, data, suffix) for suffix, data in pictures.items()]
    (work / "hand.png").write_bytes(pictures[".png"])
    seeds += _archives(work, [dicom, cine, work / "hand.png"])
    seeds += _bitstreams(grey)
    seeds += _folders(dicom, cine)
    return seeds


def _pictures(grey: np.ndarray) -> dict[str, bytes]:
    from PIL import Image

    made = {}
    for suffix, kind in (
        (".png", "PNG"), (".jpg", "JPEG"), (".tif", "TIFF"), (".jp2", "JPEG2000"),
    ):  # fmt: skip
        stream = io.BytesIO()
        Image.fromarray(grey).save(stream, kind)
        made[suffix] = stream.getvalue()
    return made


def _archives(work: Path, sources: list[Path]) -> list[Seed]:
    from viewer.archive.compressing import compress
    from viewer.archive.keep import Keep
    from viewer.codecs.base import Target

    seeds = []
    for name, original in (("plain", False), ("originals", True)):
        path = work / f"{name}.radz"
        compress(
            sources,
            path,
            codec_name="jpeg2000",
            target=Target("ratio", 4),
            keep=Keep(original=original),
        )
        seeds.append(Seed("archive", name, path.read_bytes(), ".radz"))
    return seeds


def _bitstreams(grey: np.ndarray) -> list[Seed]:
    from viewer.codecs import registry
    from viewer.codecs.base import PixelFormat, Target

    seeds = []
    for name in registry.available():
        codec = registry.get(name)
        rated = "bpp" in codec.info.targets
        target = Target("bpp", 1.0) if rated else Target("lossless")
        coded = codec.encode(grey, PixelFormat(12, False), target)
        seeds.append(Seed("bitstream", name, coded.data))
    return seeds


def _folders(*sources: Path) -> list[Seed]:
    from pydicom.fileset import FileSet

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as names:
        for source in sources:
            names.write(source, f"study/{source.name}")
    files = FileSet()
    for source in sources:
        files.add(source)
    media = sources[0].parents[1] / "input-media"  # where what it lists lies beside the input
    files.write(media)
    listing = (media / "DICOMDIR").read_bytes()
    return [
        Seed("folder", "zip", packed.getvalue(), ".zip"),
        Seed("folder", "dicomdir", listing, "-media/DICOMDIR"),
    ]


def mutated(seed: Seed, seeds: list[Seed], generator: random.Random) -> bytes:
    """Damage a file: its bytes anywhere, or what lies behind its hashes, which are then right."""
    if seed.kind == "archive" and generator.random() < 0.7:
        return _resealed(seed.data, generator)
    if seed.kind == "bitstream" and seed.name in _RESEALED and generator.random() < 0.7:
        return _RESEALED[seed.name](seed.data, generator)
    data = _damaged(seed.data, generator)
    if generator.random() < 0.05:
        other = generator.choice(seeds).data
        data = data[: generator.randrange(len(data) + 1)] + other[generator.randrange(len(other)) :]
    return data


def _damaged(data: bytes, generator: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(1 << generator.randrange(5)):
        if not changed:
            break
        generator.choice(_MUTATIONS)(changed, generator)
    return bytes(changed)


def _flip(data: bytearray, generator: random.Random) -> None:
    data[generator.randrange(len(data))] ^= 1 << generator.randrange(8)


def _edge(data: bytearray, generator: random.Random) -> None:
    """Put a number at the edge of its range somewhere, near the start more often."""
    width = generator.choice((1, 2, 4))
    span = generator.choice((256, 2048, len(data)))
    at = generator.randrange(max(min(span, len(data)) - width, 1))
    value = generator.choice(_EDGES) & ((1 << 8 * width) - 1)
    order = generator.choice(("little", "big"))
    data[at : at + width] = value.to_bytes(width, order)  # type: ignore[arg-type]


def _cut(data: bytearray, generator: random.Random) -> None:
    del data[generator.randrange(len(data)) :]


def _remove(data: bytearray, generator: random.Random) -> None:
    at = generator.randrange(len(data))
    del data[at : at + generator.randrange(1, 64)]


def _repeat(data: bytearray, generator: random.Random) -> None:
    at = generator.randrange(len(data))
    data[at:at] = data[at : at + generator.randrange(1, 256)] * generator.choice((1, 2, 50))


def _noise(data: bytearray, generator: random.Random) -> None:
    at = generator.randrange(len(data))
    data[at : at + 16] = generator.randbytes(generator.randrange(1, 32))


_MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip, _flip, _edge, _edge, _edge, _cut, _remove, _repeat, _noise,
)  # fmt: skip


def _resealed_jp2(data: bytes, generator: random.Random) -> bytes:
    """Damage a JPEG 2000 file and give it a seal that fits."""
    from viewer.codecs.jp2_seal import SEAL_BYTES, SEAL_UUID, seal

    at = data.find(SEAL_UUID) - 8
    inner = data[:at] + data[at + SEAL_BYTES :]
    start = inner.find(b"\xff\x4f\xff\x51")
    try:
        return seal(inner[:start] + _damaged(inner[start:], generator), "uint16")
    except StopIteration:
        return data


def _resealed_paper(data: bytes, generator: random.Random) -> bytes:
    """Damage header or payload of a bitstream with `RVW1`, and let its checksum fit."""
    head, payload = data[:60], data[64:]  # docs/BITSTREAM_VQVAE2_PAPER.md
    if generator.random() < 0.3:
        head = _damaged(head, generator).ljust(60, b"\0")[:60]
    else:
        payload = _damaged(payload, generator)
    return head + zlib.crc32(head + payload).to_bytes(4, "little") + payload


def _resealed_vqvae2(data: bytes, generator: random.Random) -> bytes:
    """Damage the coded tiles of a vqvae2 bitstream, and let their checksums fit."""
    from viewer.codecs.vqvae2.container import pack, unpack

    header, tiles = unpack(data)
    damaged = [replace(tile, data=_damaged(tile.data, generator)) for tile in tiles]
    return pack(header, damaged)


_RESEALED: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "jpeg2000": _resealed_jp2,
    "vqvae2-paper": _resealed_paper,
    "recurrent": _resealed_paper,
    "dense": _resealed_paper,
    "vqvae2": _resealed_vqvae2,
}


def _resealed(data: bytes, generator: random.Random) -> bytes:
    """Damage members or the manifest of an archive, and write hashes and sizes that fit."""
    from viewer.archive.container import MANIFEST, Container

    with zipfile.ZipFile(io.BytesIO(data)) as names:
        members = {name: names.read(name) for name in names.namelist()}
    manifest = json.loads(members.pop(MANIFEST))
    if generator.random() < 0.6:
        hit = generator.choice(sorted(members))
        members[hit] = _damaged(members[hit], generator)
    stream = io.BytesIO()
    container = Container(stream)
    for name, content in members.items():
        container.add(name, content)
    places = {member.name: member for member in container.members}
    for entry in _references(manifest):
        place = places[entry["member"]]
        entry.update(bytes=place.size, sha256=place.sha256)
        if "offset" in entry:
            entry["offset"] = place.offset
    for _ in range(generator.randrange(3)):
        _change_value(manifest, generator)
    text = json.dumps(manifest).encode()
    if generator.random() < 0.1:
        text = _damaged(text, generator)
    container.finish(container.add(MANIFEST, text))
    return stream.getvalue()


def _references(value: object) -> list[dict]:
    found = []
    if isinstance(value, dict):
        if "member" in value and "sha256" in value:
            found.append(value)
        for inner in value.values():
            found += _references(inner)
    elif isinstance(value, list):
        for inner in value:
            found += _references(inner)
    return found


def _change_value(manifest: dict, generator: random.Random) -> None:
    """Put something unfitting at a random place of the manifest."""
    places: list[tuple[dict | list, object]] = []

    def walk(value: object) -> None:
        pairs = (
            value.items() if isinstance(value, dict)
            else enumerate(value) if isinstance(value, list) else ()
        )  # fmt: skip
        for key, inner in pairs:
            places.append((value, key))  # type: ignore[arg-type]
            walk(inner)

    walk(manifest)
    holder, key = generator.choice(places)
    if generator.random() < 0.1:
        del holder[key]  # type: ignore[arg-type]
    else:
        holder[key] = generator.choice(_VALUES)  # type: ignore[index]
