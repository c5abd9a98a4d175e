"""An archive -> files: DICOM gives DICOM, a raster file gives PNG."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from viewer.codecs.base import Options
from viewer.progress import NEVER, CancelToken, Progress, silent


def restore(
    path: Path | str,
    folder: Path | str,
    *,
    on_problem: Callable[[str], None] | None = None,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> list[Path]:
    """Decode every image of an archive into a folder, which is made when it is not there.

    Files are named by their source's stem; a name that is taken gets a number, no file is
    overwritten.

    Parameters
    ----------
    on_problem : callable, optional
        Given a sentence for each image that cannot be restored and each notice. Without it, the
        intact images are restored and then `ArchiveError` names the others.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ArchiveError
    Cancelled
        Files already whole stay.
    """
    raise NotImplementedError
