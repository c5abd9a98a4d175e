"""What is asked of a codec, and the latest answer: one coding runs, the newest request follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.codecs import registry
from viewer.codecs.base import Target
from viewer.errors import RadviewError
from viewer.images.radiograph import Radiograph
from viewer.jobs import Job, JobQueue
from viewer.session.comparing import Compared, compare, compare_archived, is_learned
from viewer.session.models import Box, Coding
from viewer.session.trained import archived_model

if TYPE_CHECKING:
    from viewer.archive.model import CodedImage
    from viewer.evaluation.comparison import Comparison

FALLBACK_TARGETS = (Target("ratio", 20.0), Target("bpp", 0.5), Target("quality", 50.0))


class CodingControl(QObject):
    """Runs codings in lane "coding".

    A live request lets the running coding end, so that figures keep coming during a drag, and
    then codes the newest request; those between are skipped. It is content with a preview, which
    may miss the rate by a little; once the slider rests, the exact coding follows. Any other
    request replaces what runs.
    """

    changed = Signal(object)
    started = Signal(str)
    progressed = Signal(float, str)
    failed = Signal(str)
    cancelled = Signal()
    finished = Signal()
    """No coding runs any more; one that is replaced by a newer one does not finish apart."""
    compared = Signal(object)
    stale_changed = Signal(bool)
    notice = Signal(str)

    def __init__(self, queue: JobQueue, coding: Coding, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.coding = coding
        self.comparison: Comparison | None = None
        self.stale = False
        self.box: Box | None = None
        """Measured along with the image; set by the session."""
        self._queue = queue
        self._radiograph: Radiograph | None = None
        self._answered: Coding | None = None
        self._answered_roughly = False
        self._runs_roughly = False
        self._job: Job | None = None
        self._running: Coding | None = None
        self._again = False
        self._targets: dict[str, Target] = {}
        self._models: dict[str, str] = {}
        self._tiles: dict[tuple[str, str], int] = {}

    @property
    def busy(self) -> bool:
        """Whether a coding runs."""
        return self._job is not None

    @property
    def roughly(self) -> bool:
        """Whether `comparison` is a preview that may miss its rate, or a base picture alone."""
        partial = self.comparison is not None and self.comparison.partial
        return partial or self._answered_roughly

    @property
    def title(self) -> str:
        """The codec as shown."""
        try:
            return registry.get(self.coding.codec).info.title
        except (RadviewError, ImportError):  # an archive may name a codec that is not here
            return self.coding.codec

    def set_image(self, radiograph: Radiograph | None) -> None:
        """Take another image: what was coded of the last one goes."""
        self._stop(tell=True)
        self._radiograph = radiograph
        self._drop()

    def set_codec(self, name: str) -> None:
        """Choose a codec, with the target last used with it; recode if there was a result."""
        if name == self.coding.codec:
            return
        try:
            info = registry.get(name).info
        except (RadviewError, ImportError) as error:
            self.failed.emit(str(error))
            return
        before = self.coding
        self._targets[before.codec] = before.target
        target = before.target
        if target.kind not in info.targets:
            choices = (self._targets.get(name), *FALLBACK_TARGETS, Target("lossless"))
            target = next((t for t in choices if t and t.kind in info.targets), target)
        follow = self.busy or self.comparison is not None
        self._models[before.codec] = before.model
        self.coding = Coding(name, target, before.device, self._models.get(name, ""))
        self.changed.emit(self.coding)
        self._drop()
        if follow and self._radiograph is not None:
            self._start()

    def set_target(self, target: Target, *, live: bool = False) -> None:
        """Choose what is asked for; code it when `live` or when there was a result."""
        self._ask(replace(self.coding, target=target), live=live)

    def set_model(self, model: str) -> None:
        """Choose a model by its hash ("": the codec's own choice); recode if there was a result."""
        self._ask(replace(self.coding, model=model), live=False)

    def set_device(self, name: str) -> None:
        """Choose where networks run; recode if there was a result that a network gave."""
        coding = replace(self.coding, device=name)
        if not is_learned(coding.codec):
            if self._answered == self.coding:
                self._answered = coding
            if self._running == self.coding:
                self._running = coding
        self._ask(coding, live=False)

    def compress(self, *, live: bool = False) -> None:
        """Code the image now, replacing what runs; `live`: a preview will do."""
        if self._radiograph is not None:
            self._start(preview=live)

    def adopt(self, coded: CodedImage) -> None:
        """Compare the image with what an archive holds of it, whose coding is taken over."""
        assert self._radiograph is not None
        how = coded.coding
        model = archived_model(how.codec, how.model)
        coding = Coding(how.codec, how.target, self.coding.device, model)
        if coding != self.coding:
            self.coding = coding
            self.changed.emit(coding)
        self._submit(compare_archived, self._radiograph, coded, coding, self.box)

    def cancel(self) -> None:
        """Give up what runs; the last result stays, marked as stale if it is."""
        if self._stop(tell=False):
            self._drop_partial()
            self.cancelled.emit()
            self.finished.emit()

    def _ask(self, coding: Coding, *, live: bool) -> None:
        follow = live or self.busy or self.comparison is not None
        if coding != self.coding:
            self.coding = coding
            self.changed.emit(coding)
        if self._radiograph is None or not follow:
            return
        # A preview answers a slider that still moves, not one that has come to rest.
        answered = coding == self._answered and (live or not self._answered_roughly)
        running = coding == self._running and (live or not self._runs_roughly)
        if self._job is None and answered:
            self._again = False
        elif self._job is None:
            self._start(preview=live)
        elif running:
            self._again = False
        elif live:
            self._again = True
        elif answered:
            self._stop(tell=True)
        else:
            self._start()
        self._refresh_stale()

    def _start(self, *, preview: bool = False) -> None:
        tile = self._tiles.get((self.coding.codec, self.coding.device), 0)
        self._submit(compare, self._radiograph, self.coding, self.box, tile, preview)
        # A codec of a few rates or qualities meets them exactly at once.
        info = registry.get(self.coding.codec).info
        self._runs_roughly = preview and not (info.rates_bpp or info.quality_steps)

    def _submit(self, function: Callable[..., Compared], *args: object) -> None:
        self._stop(tell=False)
        self._runs_roughly = False
        job = self._queue.submit(
            function, *args, lane="coding", title=f"Coding with {self.title}", delivers=True
        )
        self._job, self._running = job, self.coding
        job.progressed.connect(self.progressed)
        job.delivered.connect(self._on_delivered)
        job.succeeded.connect(self._on_compared)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_stopped_itself)
        self.started.emit(self.title)
        self._refresh_stale()

    def _stop(self, *, tell: bool) -> bool:
        """Cancel what runs; `tell` that it is finished. Return whether anything ran."""
        job, self._job, self._running, self._again = self._job, None, None, False
        if job is None:
            return False
        # Cut off first: the cancelled job's own signals come later, beside its successor's.
        job.cancelled.disconnect(self._on_stopped_itself)
        job.cancel()
        if tell:
            self.finished.emit()
        return True

    def _on_delivered(self, part: object) -> None:
        """Pass on a notice, or show the base picture while what makes it exact is decoded."""
        if isinstance(part, str):
            self.notice.emit(part)
        elif isinstance(part, Compared):
            self.comparison, self._answered = part.comparison, None
            self.compared.emit(part.comparison)
            self._refresh_stale()

    def _on_compared(self, compared: Compared) -> None:
        coding = self._running
        assert coding is not None
        again = self._end()
        comparison = compared.comparison
        self.comparison, self._answered = comparison, coding
        self._answered_roughly = self._runs_roughly
        if compared.tile:
            self._tiles[coding.codec, coding.device] = compared.tile
        self.compared.emit(comparison)
        if comparison.encoded.notice:
            self.notice.emit(comparison.encoded.notice)
        self._after(again)

    def _on_failed(self, error: RadviewError) -> None:
        again = self._end()
        self._drop_partial()
        self.failed.emit(str(error))
        self._after(again)

    def _on_stopped_itself(self) -> None:
        self._end()
        self._drop_partial()
        self.cancelled.emit()
        self._after(again=False)

    def _end(self) -> bool:
        again, self._again = self._again, False
        self._job = self._running = None
        return again

    def _after(self, again: bool) -> None:
        if self._job is not None:  # a listener has asked for more meanwhile
            return
        if again and self.coding != self._answered and self._radiograph is not None:
            self._start(preview=True)
        else:
            self._refresh_stale()
            self.finished.emit()

    def _drop_partial(self) -> None:
        """A base picture that nothing will follow is no result."""
        if self.comparison is not None and self.comparison.partial:
            self._drop()

    def _drop(self) -> None:
        had = self.comparison is not None
        self.comparison = self._answered = None
        if had:
            self.compared.emit(None)
        self._refresh_stale()

    def _refresh_stale(self) -> None:
        stale = self.comparison is not None and self.coding != self._answered
        if stale != self.stale:
            self.stale = stale
            self.stale_changed.emit(stale)
