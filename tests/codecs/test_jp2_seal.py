"""The seal around a codestream, apart from any encoder."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.codecs import jp2_seal
from viewer.errors import CodecError


def codestream(width: int = 7, height: int = 5, count: int = 1, depth: int = 11) -> bytes:
    head = struct.pack(
        ">HHHHIIIIIIIIH",
        *(0xFF4F, 0xFF51, 38 + 3 * count, 0, width, height, 0, 0, width, height, 0, 0, count),
    )
    return head + bytes((depth, 1, 1)) * count + b"packets" + b"\xff\xd9"


def jp2(stream: bytes, length: int | None = None) -> bytes:
    header = b"\0\0\0\x14ftypjp2 \0\0\0\0jp2 "
    size = 8 + len(stream) if length is None else length
    return jp2_seal.SIGNATURE + header + struct.pack(">I4s", size, b"jp2c") + stream


@pytest.mark.parametrize("array_type", ["uint8", "uint16", "int16"])
@pytest.mark.parametrize("length", [None, 0])
def test_geometry_and_type_come_back(array_type: str, length: int | None) -> None:
    sealed = jp2_seal.seal(jp2(codestream(), length), array_type)
    geometry, found = jp2_seal.unseal(sealed)
    assert found == array_type
    assert geometry == jp2_seal.Geometry(5, 7, 1, 12, False)
    assert geometry.shape == (5, 7)
    signed, _ = jp2_seal.unseal(jp2_seal.seal(jp2(codestream(count=3, depth=0x8F)), array_type))
    assert signed == jp2_seal.Geometry(5, 7, 3, 16, True)
    assert signed.shape == (5, 7, 3)


def test_the_seal_is_a_box_that_readers_pass_over() -> None:
    plain = jp2(codestream())
    sealed = jp2_seal.seal(plain, "uint8")
    start = sealed.index(b"uuid") - 4
    (length,) = struct.unpack_from(">I", sealed, start)
    assert length == jp2_seal.SEAL_BYTES
    assert sealed[:start] + sealed[start + length :] == plain


@settings(deadline=None)
@given(st.data())
def test_every_change_is_seen(data: st.DataObject) -> None:
    sealed = jp2_seal.seal(jp2(codestream()), "uint16")
    at = data.draw(st.integers(0, len(sealed) - 1))
    damaged = bytearray(sealed)
    damaged[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CodecError):
        jp2_seal.unseal(bytes(damaged))


def test_every_cut_is_seen() -> None:
    sealed = jp2_seal.seal(jp2(codestream()), "uint16")
    for length in range(len(sealed)):
        with pytest.raises(CodecError):
            jp2_seal.unseal(sealed[:length])
    with pytest.raises(CodecError, match=f"ends after {len(sealed) - 1} of {len(sealed)} bytes"):
        jp2_seal.unseal(sealed[:-1])


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    for data in (noise, jp2_seal.SIGNATURE + noise):
        with pytest.raises(CodecError):
            jp2_seal.unseal(data)


@pytest.mark.parametrize(
    ("stream", "text"),
    [
        (codestream(count=2), "2 components"),
        (codestream(depth=16), "16 bits"),
        (codestream(width=1 << 16, height=1 << 16), "65536 x 65536"),
        (codestream(width=0), "0 x 5"),
        (codestream()[:30], "header"),
        (b"\0" * 60, "size"),
        (codestream()[:43] + b"\x02" + codestream()[44:], "sub-sampled"),
        (codestream()[:24] + struct.pack(">I", 3) + codestream()[28:], "tiles"),
    ],
)
def test_what_is_not_decoded_is_named(stream: bytes, text: str) -> None:
    with pytest.raises(CodecError, match=text):
        jp2_seal.unseal(jp2_seal.seal(jp2(stream), "uint8"))
