from __future__ import annotations

import pytest

from viewer.codecs.base import Options
from viewer.errors import CodecError, RadviewError
from viewer.jobs.memory import is_out_of_memory, with_fallback


class OutOfMemoryError(RuntimeError):
    """Named as torch names its own."""


def wrapped() -> CodecError:
    try:
        try:
            raise OutOfMemoryError("CUDA")
        except OutOfMemoryError as error:
            raise CodecError("The network failed.") from error
    except CodecError as error:
        return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (OutOfMemoryError("Tried to allocate 2.00 GiB"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"), True),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate"), True),
        (wrapped(), True),
        (RuntimeError("size mismatch"), False),
        (ValueError("out of memory lane"), False),
        (CodecError("The bitstream ends early."), False),
    ],
)
def test_memory_failures_are_told_from_others(error, expected):
    assert is_out_of_memory(error) is expected


class Hungry:
    """Succeeds only with tiles up to `tile`, on `device` alone if that is given."""

    def __init__(self, tile: int, device: str = "") -> None:
        self.tile, self.device = tile, device
        self.tried: list[tuple[int, str]] = []

    def __call__(self, options: Options) -> str:
        self.tried.append((options.tile, options.device))
        if (options.tile or 1024) > self.tile or (self.device and options.device != self.device):
            raise OutOfMemoryError("GPU")
        return "coded"


def test_tiles_are_halved_until_they_fit():
    call, said = Hungry(256), []
    result, options = with_fallback(call, Options(), default_tile=1024, notify=said.append)
    assert result == "coded"
    assert options == Options(tile=256)
    assert call.tried == [(0, "auto"), (512, "auto"), (256, "auto")]
    assert said == [
        "Out of memory: fell back to tiles of 512 x 512 pixels.",
        "Out of memory: fell back to tiles of 256 x 256 pixels.",
    ]


def test_the_cpu_is_the_last_resort():
    call, said = Hungry(4096, "cpu"), []
    _, options = with_fallback(call, Options("cuda"), default_tile=512, notify=said.append)
    assert options == Options("cpu", 128)
    assert call.tried == [(0, "cuda"), (256, "cuda"), (128, "cuda"), (128, "cpu")]
    assert said[-1] == "Out of memory: fell back to the CPU, with tiles of 128 x 128 pixels."


def test_when_nothing_helps_one_sentence_says_so():
    call = Hungry(1)
    with pytest.raises(RadviewError, match="not enough memory") as caught:
        with_fallback(call, Options("cpu"), default_tile=512, notify=lambda text: None)
    assert call.tried[-1] == (128, "cpu")
    assert caught.value.__cause__ is None


def test_codecs_without_tiles_are_tried_once():
    call = Hungry(1)
    with pytest.raises(RadviewError, match="not enough memory"):
        with_fallback(call, Options(), default_tile=0, notify=lambda text: None)
    assert len(call.tried) == 1


def test_other_failures_pass():
    def fail(options: Options) -> None:
        raise CodecError("The bitstream ends early.")

    with pytest.raises(CodecError, match="ends early"):
        with_fallback(fail, Options(), default_tile=512, notify=lambda text: None)


def test_the_failed_attempt_is_let_go_before_the_next():
    import weakref

    class Tensor:
        pass

    seen: list[weakref.ref[Tensor]] = []

    def call(options: Options) -> str:
        assert all(ref() is None for ref in seen), "the first attempt's memory is still held"
        tensor = Tensor()
        seen.append(weakref.ref(tensor))
        if options.tile != 256:
            raise MemoryError
        return "coded"

    assert with_fallback(call, Options(), default_tile=512, notify=lambda text: None)[0] == "coded"
