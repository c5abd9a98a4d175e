"""Grey values computed by hand from PS3.3 C.11, not by the code under test."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.images import display
from viewer.images.opening import read_frame, read_header
from viewer.images.radiograph import (
    Grey,
    Header,
    LookupTable,
    Palette,
    Radiograph,
    Window,
)


def header_of(grey=None, *, bits=12, signed=False, photometric="MONOCHROME2", **changes):
    header = Header(
        path=Path("x.dcm"),
        file_format="DICOM",
        rows=4,
        columns=4,
        frames=1,
        samples=3 if photometric == "RGB" else 1,
        bits_allocated=8 if bits <= 8 else 16 if bits <= 16 else 32,
        bits_stored=bits,
        signed=signed,
        photometric=photometric,
        transfer_syntax="",
        grey=grey or Grey(),
    )
    return replace(header, **changes)


def shown(header, voi, values, dtype="uint16"):
    """Return the picture of some stored values."""
    pixels = np.array([values], dtype=dtype)
    return display.grey_table(header, voi, dtype).apply(pixels)[0].tolist()


def test_linear_window_of_the_standard():
    # C.11.2.1.2.1: x <= c - 0.5 - (w-1)/2 is black, x > c - 0.5 + (w-1)/2 white, else
    # ((x - (c-0.5)) / (w-1) + 0.5) * 255. With c = 2048, w = 4096 that is x * 255 / 4095.
    voi = Window(2048, 4096)
    assert shown(header_of(), voi, [0, 1, 2047, 2048, 4094, 4095]) == [0, 0, 127, 128, 255, 255]
    # c = 100, w = 11: black up to 94.5, white above 104.5; 95 is ((95-99.5)/10+.5)*255 = 12.75.
    voi = Window(100, 11)
    assert shown(header_of(), voi, [94, 95, 99, 100, 104, 105]) == [0, 13, 115, 140, 242, 255]


def test_linear_window_of_width_one_is_a_threshold():
    assert shown(header_of(), Window(100, 1), [98, 99, 100, 101]) == [0, 0, 255, 255]


def test_linear_exact_window():
    # C.11.2.1.3.2 with c = 100, w = 10: (x - 100) / 10 + 0.5.
    voi = Window(100, 10, function="LINEAR_EXACT")
    assert shown(header_of(), voi, [95, 97, 100, 103, 105, 106]) == [0, 51, 128, 204, 255, 255]


def test_sigmoid_window():
    # C.11.2.1.3.1: 255 / (1 + exp(-4 (x - c) / w)).
    voi = Window(100, 40, function="SIGMOID")
    expected = [round(255 / (1 + math.exp(-4 * (x - 100) / 40))) for x in (0, 80, 100, 120, 4000)]
    assert shown(header_of(), voi, [0, 80, 100, 120, 4000]) == expected
    assert expected[2:4] == [128, 225]


def test_rescale_goes_before_the_window():
    # CT: stored 1064 is 40 HU, the centre of a 40/400 window: (40-39.5)/399+.5 -> 127.8.
    grey = Grey(slope=1, intercept=-1024, unit="HU")
    header = header_of(grey, bits=12)
    assert shown(header, Window(40, 400), [864, 1064, 1263]) == [0, 128, 255]
    assert display.modality_value(header, 1064) == 40.0


def test_fractional_slope():
    header = header_of(Grey(slope=0.5, intercept=10))
    assert display.modality_value(header, 3) == 11.5
    assert display.full_range(header).centre == pytest.approx((10 + 10 + 4095 / 2 + 1) / 2)


def test_monochrome1_is_inverted_last():
    voi = Window(100, 11)
    plain = shown(header_of(), voi, [90, 95, 110])
    inverted = shown(header_of(Grey(inverted=True)), voi, [90, 95, 110])
    assert plain == [0, 13, 255]
    assert inverted == [255, 242, 0]


def test_modality_lut_then_voi_lut_then_inversion():
    modality = LookupTable(np.array([10, 20, 30, 40], np.uint16), first_mapped=5, bits=8)
    voi = LookupTable(np.array([0, 1000, 4095], np.uint16), first_mapped=19, bits=12)
    header = header_of(Grey(modality_lut=modality))
    # 5 -> 10 -> below 19 -> 0; 6 -> 20 -> entry 1 -> 1000/4095*255 = 62.3; 7 -> 30 -> 255.
    assert shown(header, voi, [0, 5, 6, 7, 60]) == [0, 0, 62, 255, 255]
    assert display.modality_value(header, 6) == 20
    inverted = header_of(Grey(modality_lut=modality, inverted=True))
    assert shown(inverted, voi, [0, 6, 7]) == [255, 193, 0]


def test_signed_values_of_both_signs():
    header = header_of(bits=12, signed=True)
    assert shown(header, Window(0, 4096), [-2048, -1, 0, 2047], "int16") == [0, 127, 128, 255]
    table = LookupTable(np.array([0, 128, 255], np.uint16), first_mapped=-1, bits=8)
    assert shown(header, table, [-5, -1, 0, 1, 5], "int16") == [0, 0, 128, 255, 255]


def test_full_range_shows_every_stored_bit():
    header = header_of(bits=10)
    assert display.full_range(header) == Window(512.0, 1024.0, "Full range")
    assert shown(header, None, [0, 1023]) == [0, 255]
    signed = header_of(bits=10, signed=True)
    assert shown(signed, None, [-512, 511], "int16") == [0, 255]
    assert display.full_range(header_of(Grey(slope=-2.0), bits=8)).width == 511


def test_padding_is_black_whatever_the_polarity():
    grey = Grey(inverted=True, padding=(0, 3))
    assert shown(header_of(grey), Window(2048, 4096), [0, 3, 4, 4095]) == [0, 0, 255, 0]


def test_32_bit_values_are_computed_without_a_table():
    header = header_of(bits=32)
    pixels = np.array([[0, 1 << 31, (1 << 32) - 1]], np.uint32)
    table = display.grey_table(header, None, np.uint32)
    assert table.levels is None
    assert table.apply(pixels).tolist() == [[0, 128, 255]]
    out = np.empty((1, 3), np.uint8)
    assert table.apply(pixels, out) is out
    signed = display.grey_table(header_of(bits=32, signed=True), Window(0, 100), np.int32)
    assert signed.apply(np.array([[-99, 99]], np.int32)).tolist() == [[0, 255]]


def test_colour_passes_through():
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    header = header_of(bits=8, photometric="RGB")
    radiograph = Radiograph(header, pixels)
    assert np.array_equal(display.render(radiograph), pixels)
    assert np.array_equal(display.render(radiograph, Window(1, 1)), pixels)
    assert display.presets(header) == ()
    deep = Radiograph(header_of(bits=16, photometric="RGB"), pixels.astype(np.uint16) * 257)
    assert np.array_equal(display.render(deep), pixels)


def test_palettes_show_their_colours():
    palette = Palette(np.array([[1, 2, 3], [4, 5, 6]], np.uint8), first_mapped=10)
    header = header_of(bits=8, photometric="PALETTE COLOR", palette=palette)
    pixels = np.array([[0, 10, 11, 200]], np.uint8)
    picture = display.grey_table(header, None, np.uint8).apply(pixels)
    assert picture.tolist() == [[[1, 2, 3], [1, 2, 3], [4, 5, 6], [4, 5, 6]]]


def test_auto_window_spans_the_1st_to_the_99th_percentile():
    pixels = np.arange(10000, dtype=np.uint16).reshape(100, 100)
    window = display.auto_window(Radiograph(header_of(bits=16), pixels))
    assert window.name == "Auto"
    assert window.centre - 0.5 - (window.width - 1) / 2 == pytest.approx(99.99)
    assert window.centre - 0.5 + (window.width - 1) / 2 == pytest.approx(9899.01)


def test_auto_window_leaves_padding_out():
    pixels = np.full((100, 100), -2000, np.int16)
    pixels[40:60, 40:60] = np.arange(400).reshape(20, 20)
    grey = Grey(padding=(-2000, -2000))
    window = display.auto_window(Radiograph(header_of(grey, bits=16, signed=True), pixels))
    assert 380 < window.width < 400
    nothing = np.full((10, 10), -2000, np.int16)
    window = display.auto_window(Radiograph(header_of(grey, bits=16, signed=True), nothing))
    assert window.width == 65536


def test_auto_window_of_one_value_and_of_few_outliers():
    flat = Radiograph(header_of(), np.full((50, 50), 7, np.uint16))
    assert display.auto_window(flat).width > 0
    assert display.render(flat).shape == (50, 50)
    sparse = np.zeros((100, 100), np.uint16)
    sparse[0, 0] = 900
    assert display.auto_window(Radiograph(header_of(), sparse)).width == 901


def test_presets_in_the_order_of_the_menu():
    table = LookupTable(np.array([0, 255], np.uint16), 0, 8, "BONE")
    grey = Grey(windows=(Window(40, 400, "SOFT"), Window(0, 100)), voi_luts=(table,))
    radiograph = Radiograph(header_of(grey), np.zeros((4, 4), np.uint16))
    names = [each.name for each in display.presets(radiograph.header, radiograph)]
    assert names == ["SOFT", "", "BONE", "Auto", "Full range"]
    assert [each.name for each in display.presets(radiograph.header)] == [
        "SOFT",
        "",
        "BONE",
        "Full range",
    ]
    assert display.default_voi(radiograph) == Window(40, 400, "SOFT")
    plain = Radiograph(header_of(), radiograph.pixels)
    assert display.default_voi(plain).name == "Auto"


windows = st.builds(
    Window,
    centre=st.floats(-5000, 5000),
    width=st.floats(1, 10000),
    function=st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"]),
)


@given(voi=windows, inverted=st.booleans(), slope=st.floats(-3, 3).filter(lambda x: abs(x) > 0.01))
def test_a_window_never_swaps_two_values(voi, inverted, slope):
    header = header_of(Grey(slope=slope, intercept=-7, inverted=inverted), signed=True)
    values = np.arange(-2048, 2048, dtype=np.int16).reshape(1, -1)
    picture = display.grey_table(header, voi, np.int16).apply(values).astype(int)
    steps = np.diff(picture[0])
    rising = (slope > 0) != inverted
    assert (steps >= 0).all() if rising else (steps <= 0).all()


@given(
    entries=st.lists(st.integers(0, 4095), min_size=1, max_size=50),
    first=st.integers(-100, 4200),
)
def test_a_rising_lut_never_swaps_two_values(entries, first):
    table = LookupTable(np.array(sorted(entries), np.uint16), first, 12)
    values = np.arange(4096, dtype=np.uint16).reshape(1, -1)
    picture = display.grey_table(header_of(), table, np.uint16).apply(values).astype(int)
    assert (np.diff(picture[0]) >= 0).all()


def test_a_view_and_a_buffer_give_the_same_picture(rg1_path):
    radiograph = read_frame(read_header(rg1_path))
    table = display.grey_table(radiograph.header, None, radiograph.pixels.dtype)
    whole = table.apply(radiograph.pixels)
    out = np.empty_like(whole)
    assert table.apply(radiograph.pixels, out) is out
    assert np.array_equal(out, whole)
    assert np.array_equal(table.apply(radiograph.pixels[::4, 1::3]), whole[::4, 1::3])
    with pytest.raises(ValueError, match="uint16"):
        table.apply(radiograph.pixels.astype(np.int16))


def test_rg1_is_shown_with_a_dark_background_and_bright_bones(rg1_path):
    radiograph = read_frame(read_header(rg1_path))
    picture = display.render(radiograph)
    # MONOCHROME1, window 15000/30000: stored x is (x - 14999.5) / 29999 + 0.5, inverted.
    x = float(radiograph.pixels[900, 900])
    expected = 255 * (1 - ((x - 14999.5) / 29999 + 0.5))
    assert picture[900, 900] == pytest.approx(expected, abs=0.51)
    brightest = np.unravel_index(np.argmin(radiograph.pixels), radiograph.pixels.shape)
    assert picture[brightest] > 240


def test_thumbnails_average_areas_and_keep_the_shape():
    pixels = np.zeros((200, 100), np.uint8)
    pixels[:100, ::2] = 200
    pixels[100:] = 100
    radiograph = Radiograph(header_of(bits=8, rows=200, columns=100), pixels)
    small = display.thumbnail(radiograph, 50)
    assert small.shape == (50, 25)
    # Auto spans 0..200, so the stripes average to 127 or 128 and so does the lower half.
    assert set(np.unique(small[:24])) <= {127, 128}
    assert set(np.unique(small[26:])) <= {127, 128}
    assert display.thumbnail(radiograph, 500).shape == (200, 100)


def test_thumbnails_make_pixels_square_and_keep_colour():
    wide = Radiograph(header_of(bits=8, aspect=2.0), np.zeros((100, 200), np.uint8))
    assert display.thumbnail(wide, 50).shape == (50, 50)
    colour = np.full((64, 64, 3), (10, 20, 30), np.uint8)
    small = display.thumbnail(Radiograph(header_of(bits=8, photometric="RGB"), colour), 16)
    assert small.shape == (16, 16, 3)
    assert small[3, 3].tolist() == [10, 20, 30]


def test_a_window_change_of_rg1_is_fast_enough_to_drag(rg1_path):
    radiograph = read_frame(read_header(rg1_path))
    out = np.empty(radiograph.pixels.shape, np.uint8)
    seconds = []
    for centre in range(10000, 10000 + 15 * 100, 100):
        begin = time.perf_counter()
        table = display.grey_table(radiograph.header, Window(centre, 20000), np.uint16)
        table.apply(radiograph.pixels, out)
        seconds.append(time.perf_counter() - begin)
    # 30 frames a second; the best of fifteen, as the machine has other work.
    assert min(seconds) < 1 / 30
