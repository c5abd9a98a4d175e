"""Which images belong to the study that is open."""

from __future__ import annotations

from collections.abc import Callable

from viewer.images.library import Library
from viewer.images.radiograph import Header


def study_headers(
    library: Library, header: Header, is_archived: Callable[[Header], bool]
) -> tuple[Header, ...]:
    """Return the images of the study that an image belongs to, in the order of the tree.

    Parameters
    ----------
    is_archived : callable
        Whether a header came from an archive. Where the original is open too, the original
        stands for both: an image must not be coded a second time from its coded form.
    """
    for patient in library.patients:
        for study in patient.studies:
            headers = [i.header for series in study.series for i in series.instances]
            if any(candidate.path == header.path for candidate in headers):
                return _without_copies(headers, is_archived)
    return (header,)


def neighbour(library: Library, header: Header | None, by: int) -> Header | None:
    """Return the image `by` places after another in the order of the tree, None past its ends."""
    headers = library.headers
    if header is None:
        return headers[0] if headers else None
    for place, candidate in enumerate(headers):
        if candidate.path == header.path:
            wanted = place + by
            return headers[wanted] if 0 <= wanted < len(headers) else None
    return None


def _without_copies(
    headers: list[Header], is_archived: Callable[[Header], bool]
) -> tuple[Header, ...]:
    originals = {h.identity.instance_uid for h in headers if not is_archived(h)} - {""}
    kept: list[Header] = []
    archived: set[str] = set()
    for header in headers:
        uid = header.identity.instance_uid
        if is_archived(header):
            if uid in originals or (uid and uid in archived):
                continue
            archived.add(uid)
        kept.append(header)
    return tuple(kept)
