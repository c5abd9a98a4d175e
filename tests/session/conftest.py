"""Settings in a temporary folder, codecs whose pace a test sets, sessions that leave no thread."""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings

from tests.session.studies import write_dicom
from viewer.codecs import registry
from viewer.codecs.base import (
    Codec,
    CodecInfo,
    Decoded,
    Encoded,
    Options,
    PixelFormat,
    Target,
)
from viewer.images.radiograph import Header, Identity, Radiograph
from viewer.jobs import JobQueue
from viewer.jobs.worker import running_threads
from viewer.progress import NEVER, silent
from viewer.session import Session


@pytest.fixture(autouse=True)
def settings_folder(tmp_path: Path) -> Iterator[Path]:
    """Keep QSettings in files of this test alone."""
    folder = tmp_path / "settings"
    before = QSettings.defaultFormat()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
    yield folder
    QSettings.setDefaultFormat(before)


@pytest.fixture
def queue(qtbot) -> Iterator[JobQueue]:
    made = JobQueue()
    yield made
    assert made.close()
    assert running_threads() == ()


@pytest.fixture
def session(qtbot, settings_folder) -> Iterator[Session]:
    made = Session()
    yield made
    assert made.close()
    assert running_threads() == ()


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder of a study of three images and another of one."""
    made = tmp_path / "study"
    made.mkdir()
    for number in (1, 2, 3):
        write_dicom(made / f"{number}.dcm", number, "1.2.3.4")
    write_dicom(made / "other.dcm", 9, "1.2.3.5")
    return made


@pytest.fixture
def open_study(session, study, qtbot) -> Session:
    """A session that shows the first image of the study, with JPEG 2000 at 12:1."""
    with qtbot.waitSignal(session.scan_finished):
        session.open_paths([study])
    session.select(next(h for h in session.library.headers if h.path.name == "1.dcm"))
    qtbot.waitUntil(lambda: session.radiograph is not None)
    session.set_codec("jpeg2000")
    session.set_target(Target("ratio", 12.0))
    return session


@dataclass
class PacedCodec(Codec):
    """Drops low bits; takes as long, and fails as often, as it is told.

    Parameters
    ----------
    seconds : float
        Time an encoding takes.
    cooperative : bool
        Whether it looks at the token meanwhile; else it is one long call.
    errors : list of Exception
        Raised one an encoding, first to last, before any succeeds.
    """

    name: str = "paced"
    learned: bool = False
    seconds: float = 0.0
    cooperative: bool = True
    notice: str = ""
    errors: list[Exception] = field(default_factory=list)
    asked: list[Target] = field(default_factory=list)
    options: list[Options] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.info = CodecInfo(
            self.name,
            f"Codec {self.name}",
            self.name.upper(),
            "PACED_1",
            normative=True,
            learned=self.learned,
            targets=("quality", "ratio", "bpp", "lossless"),
        )

    def encode(
        self,
        pixels,
        pixel_format: PixelFormat,
        target: Target,
        *,
        options=Options(),
        progress=silent,
        cancel=NEVER,
    ) -> Encoded:
        self.asked.append(target)
        self.options.append(options)
        if self.errors:
            raise self.errors.pop(0)
        start = time.perf_counter()
        if self.cooperative:
            while time.perf_counter() - start < self.seconds:
                cancel.check()
                progress((time.perf_counter() - start) / self.seconds, "working")
                time.sleep(0.004)
        else:
            time.sleep(self.seconds)
        shift = 0 if target.kind == "lossless" else int(target.value) % 8
        head = struct.pack(
            "<5sBBBcHH",
            self.name.encode()[:5],
            shift,
            pixel_format.bits_stored,
            pixel_format.signed,
            pixels.dtype.char.encode(),
            *pixels.shape,
        )
        data = head + zlib.compress(((pixels >> shift) << shift).tobytes(), 1)
        return Encoded(data, self.notice, seconds=time.perf_counter() - start)

    def decode(self, data, *, options=Options(), progress=silent, cancel=NEVER) -> Decoded:
        _, _, bits, signed, kind, rows, columns = struct.unpack_from("<5sBBBcHH", data)
        flat = np.frombuffer(zlib.decompress(data[struct.calcsize("<5sBBBcHH") :]), kind.decode())
        return Decoded(flat.reshape(rows, columns).copy(), PixelFormat(bits, bool(signed)))

    def recognises(self, data: bytes) -> bool:
        return data[:5] == self.name.encode()[:5]


@pytest.fixture
def codecs(monkeypatch) -> dict[str, PacedCodec]:
    """The codecs "paced" and "other" beside the registered ones."""
    made = {name: PacedCodec(name) for name in ("paced", "other")}
    known, names = registry.get, registry.names
    monkeypatch.setattr(registry, "get", lambda name: made.get(name) or known(name))
    monkeypatch.setattr(registry, "names", lambda: (*names(), *made))
    return made


@pytest.fixture
def make_radiograph() -> Callable[..., Radiograph]:
    """Return a function that makes radiographs of noise on a ramp."""

    def make(rows: int = 64, columns: int = 48, name: str = "a.png", bits: int = 12) -> Radiograph:
        random = np.random.default_rng(rows * columns)
        ramp = np.linspace(0, 2**bits - 300, columns)[None, :]
        pixels = (ramp + random.integers(0, 256, (rows, columns))).astype(np.uint16)
        header = Header(
            path=Path("/nowhere") / name,
            file_format="PNG",
            rows=rows,
            columns=columns,
            frames=1,
            samples=1,
            bits_allocated=16,
            bits_stored=bits,
            signed=False,
            photometric="MONOCHROME2",
            transfer_syntax="",
            identity=Identity(patient_name="DOE^JANE", patient_id="4711"),
        )
        return Radiograph(header, pixels)

    return make


class Recorder:
    """Names and arguments of signals in the order they came."""

    def __init__(self) -> None:
        self.seen: list[tuple] = []

    def listen(self, source, *names: str) -> Recorder:
        for name in names:
            getattr(source, name).connect(lambda *a, n=name: self.seen.append((n, *a)))
        return self

    @property
    def names(self) -> list[str]:
        return [name for name, *_ in self.seen]

    def of(self, name: str) -> list[tuple]:
        return [tuple(arguments) for n, *arguments in self.seen if n == name]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()
