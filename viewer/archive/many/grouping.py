"""Headers of many files -> studies: one task each, duplicates told apart by their bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from viewer.archive.many.records import SourceRecord, StudyTask
from viewer.errors import ArchiveError
from viewer.images.radiograph import Header
from viewer.progress import NEVER, CancelToken

_CHUNK = 4 << 20


@dataclass
class _Found:
    """The files of a study as they are sorted out."""

    headers: list[Header] = field(default_factory=list)
    duplicates: list[SourceRecord] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def study_key(header: Header) -> str:
    """Return what an image's archive is named after: a hash that names nobody.

    The Study Instance UID's; where a file has none, that of its folder.
    """
    named = header.identity.study_uid or f"folder:{header.path.absolute().parent}"
    return hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()[:24]


def group(headers: Iterable[Header], *, cancel: CancelToken = NEVER) -> list[StudyTask]:
    """Group images by study, wherever their files lie, in the order met.

    Of files of one SOP Instance UID that are the same byte for byte one is coded; where they
    differ all are, and a notice says so.

    Raises
    ------
    Cancelled
    """
    studies: dict[str, list[Header]] = {}
    for header in headers:
        studies.setdefault(study_key(header), []).append(header)
    tasks = []
    for key, members in studies.items():
        cancel.check()
        found = _sorted_out(members, cancel)
        people = {(each.identity.patient_id, each.identity.patient_name) for each in members}
        if len(people) > 1:
            found.notices.append(
                f"study-{key}: its files name {len(people)} different patients; they are kept "
                "together as one study, as their Study Instance UID says."
            )
        tasks.append(
            StudyTask(
                key,
                f"study-{key}.radz",
                tuple(str(each.path.absolute()) for each in found.headers),
                tuple(each.identity.instance_uid for each in found.headers),
                tuple(found.duplicates),
                tuple(found.notices),
            )
        )
    return tasks


def _sorted_out(members: list[Header], cancel: CancelToken) -> _Found:
    instances: dict[str, list[Header]] = {}
    for header in members:
        name = header.identity.instance_uid or str(header.path)
        instances.setdefault(name, []).append(header)
    found = _Found()
    for same in instances.values():
        if len(same) == 1:
            found.headers += same
            continue
        kept: dict[str, Header] = {}
        for header in same:
            try:
                source = hashed(header.path, cancel)
            except ArchiveError:  # coding it will say why
                found.headers.append(header)
                continue
            if source.sha256 in kept:
                found.duplicates.append(replace(source, instance=header.identity.instance_uid))
                found.notices.append(f"{header.path}: the same file as {kept[source.sha256].path}.")
            else:
                kept[source.sha256] = header
        found.headers += kept.values()
        if len(kept) > 1:
            named = ", ".join(str(each.path) for each in kept.values())
            found.notices.append(f"One SOP Instance UID, different files, all kept: {named}.")
    return found


def hashed(path: Path, cancel: CancelToken = NEVER) -> SourceRecord:
    """Return a file's size, time and SHA-256.

    Raises
    ------
    ArchiveError
        When it cannot be read.
    Cancelled
    """
    digest = hashlib.sha256()
    try:
        before = path.stat()
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                cancel.check()
                digest.update(chunk)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ArchiveError(f"{path.name} cannot be read: {reason}.") from error
    return SourceRecord(
        str(path.absolute()), before.st_size, before.st_mtime_ns, digest.hexdigest()
    )
