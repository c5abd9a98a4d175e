"""Every codec the product knows, by name; modules are imported when a codec is first asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from viewer.codecs.base import Codec
from viewer.errors import CodecError, UnknownCodecError

_FACTORIES: dict[str, str] = {
    "jpeg2000": "viewer.codecs.jpeg2000:Jpeg2000",
    "jpegls": "viewer.codecs.jpegls:JpegLs",
    "htj2k": "viewer.codecs.htj2k:HtJ2k",
    "vqvae2": "viewer.codecs.vqvae2.codec:Vqvae2",
    "vqvae2-paper": "viewer.codecs.vqvae2_paper:Vqvae2Paper",
    "recurrent": "viewer.codecs.recurrent.codec:Recurrent",
    "dense": "viewer.codecs.dense.codec:Dense",
    "deformed": "viewer.codecs.deformed:Deformed",
    "deformed-vqvae2": "viewer.codecs.deformed:DeformedVqvae2",
}


def names() -> tuple[str, ...]:
    """Return the registered names, in the order of the menu."""
    return tuple(_FACTORIES)


def modules() -> tuple[str, ...]:
    """Return the modules the codecs stand in, in the order of `names`; nothing is imported."""
    return tuple(factory.split(":")[0] for factory in _FACTORIES.values())


@cache
def get(name: str) -> Codec:
    """Return the codec of that name, one instance for the process.

    Raises
    ------
    UnknownCodecError
        When no codec has that name; the sentence lists those there are.
    """
    try:
        module, attribute = _FACTORIES[name].split(":")
    except KeyError:
        raise UnknownCodecError(
            f"There is no codec '{name}'; there are {', '.join(_FACTORIES)}."
        ) from None
    codec: Codec = getattr(import_module(module), attribute)()
    return codec


def available() -> tuple[str, ...]:
    """Return the names of the codecs that can be used here."""
    return tuple(name for name in _FACTORIES if not get(name).unavailable())


def recognise(data: bytes) -> Codec:
    """Return the codec whose bitstream `data` is.

    Raises
    ------
    CodecError
        When no codec recognises it.
    """
    for name in _FACTORIES:
        codec = get(name)
        if codec.recognises(data):
            return codec
    raise CodecError("These bytes are not a bitstream of any known codec.")
