"""Lessons as files: the shipped ones are right, and a wrong one is refused in one sentence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.codecs import model_files
from viewer.session.lessons.commands import VERBS, LessonError, parse
from viewer.session.lessons.files import FIGURES, lesson_paths, read_all, read_lesson
from viewer.ui.actions import SPECS
from viewer.ui.lessons.vocabulary import vocabulary

WORDS = vocabulary()
GOOD = 'title = "A"\n[[step]]\ntitle = "B"\ntext = "C"\n'


def write(folder, text):
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_four_lessons_are_shipped_and_right(tmp_path):
    lessons, refused = read_all(lesson_paths(tmp_path), WORDS)
    assert refused == []
    assert [lesson.title for lesson in lessons] == [
        "What a ratio costs",
        "How VQ-VAE-2 codes an image",
        "Where a learned downsampler invests its pixels",
        "A picture in passes",
    ]
    keys = {spec.key for spec in SPECS}
    for lesson in lessons:
        assert 5 <= len(lesson.steps) <= 8
        for step in lesson.steps:
            assert step.commands[0].verb == "sample", "each step names all it needs"
            named = {part.split("}")[0] for part in step.text.split("{")[1:]}
            assert named <= keys
            assert not any(unit in step.text for unit in (" dB", " kB", " bpp")), "figures are told"


def test_models_that_lessons_name_are_shipped(tmp_path):
    lessons, _ = read_all(lesson_paths(tmp_path), WORDS)
    named = set()
    for step in (step for lesson in lessons for step in lesson.steps):
        codec = ""
        for command in step.commands:
            if command.verb == "codec":
                (codec,) = command.arguments
            elif command.verb == "model" and command.arguments != ("own",):
                shipped = [m.path.stem for m in model_files.models_of(codec) if m.shipped]
                assert command.arguments[0] in shipped
                named.add(command.arguments[0])
    assert named == {"form-gru-additive", "form-gru-oneshot"}


def test_own_lessons_are_read_beside_the_shipped_ones(tmp_path):
    path = write(tmp_path, GOOD + 'do = ["sample", "ratio 12.5", "compress"]\nfigures = ["ssim"]\n')
    (tmp_path / "wrong.toml").write_text("title = ")
    (tmp_path / "letter.txt").write_text("Dear colleague")
    lessons, refused = read_all(lesson_paths(tmp_path), WORDS)
    assert lessons[-1].path == path
    assert lessons[-1].steps[0].commands[1].arguments == (12.5,)
    assert [str(error).split(":")[0] for error in refused] == ["wrong.toml"]
    assert len(read_all(lesson_paths(tmp_path / "nowhere"), WORDS)[0]) == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = 3\n[[step]]\n", "the title of the lesson is no text"),
        ('title = "A"\n', "it needs 1 to 40 steps"),
        ('title = "A"\nstep = [1]\n', "step 1 is not begun with [[step]]"),
        ("[[step]]\n", "the lesson has no title"),
        ('title = "A"\n[[step]]\ntitle = "B"\n', "step 1 has no text"),
        (GOOD + "do = 3\n", "'do' of step 1 is no list of texts"),
        (GOOD + 'figures = ["beauty"]\n', "step 1 asks for the figure 'beauty'"),
        (GOOD + 'colour = "red"\n', "step 1 has 'colour', which means nothing"),
        (GOOD + 'do = ["explode"]\n', "step 1, “explode”: 'explode' is nothing a lesson can do"),
        (GOOD + 'do = ["ratio"]\n', "'ratio' takes 1 words after it, not 0"),
        (GOOD + 'do = ["ratio many"]\n', "'many' is no number from 2 to 200"),
        (GOOD + 'do = ["ratio nan"]\n', "'nan' is no number"),
        (GOOD + 'do = ["codec mp3"]\n', "there is no codec 'mp3'"),
        (GOOD + 'do = ["on quit"]\n', "there is no action that is on or off called 'quit'"),
        (GOOD + 'do = ["action quit"]\n', "there is no action 'quit'"),
        (GOOD + 'do = ["action save"]\n', "there is no action 'save'"),
        (GOOD + 'do = ["off deidentified"]\n', "called 'deidentified'"),
        (GOOD + 'do = ["action delete_measurements"]\n', "there is no action"),
        (GOOD + 'do = ["show 5 original"]\n', "'5' is no number from 1 to 4"),
        ("title = ", "it is no TOML"),
        ('title = "' + "x" * 200_001 + '"\n', "at most 200 kB"),
    ],
)
def test_a_wrong_lesson_is_refused_in_one_sentence(tmp_path, text, said):
    with pytest.raises(LessonError) as refused:
        read_lesson(write(tmp_path, text), WORDS)
    sentence = str(refused.value)
    assert sentence.startswith("own.toml: ")
    assert said in sentence
    assert "\n" not in sentence


def test_bytes_that_are_no_text_and_a_file_that_is_gone(tmp_path):
    path = tmp_path / "own.toml"
    path.write_bytes(b"title = \xff\xfe")
    with pytest.raises(LessonError, match="not written in UTF-8"):
        read_lesson(path, WORDS)
    with pytest.raises(LessonError, match="cannot be read"):
        read_lesson(tmp_path / "none.toml", WORDS)


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.text(max_size=40), st.lists(
    st.sampled_from([*VERBS, "1", "0.5", "-3", "nan", "inf", "jpeg2000", "original", "1e400"]),
    max_size=5).map(" ".join)))  # fmt: skip
def test_any_line_is_a_command_or_a_sentence(line):
    try:
        command = parse(line, WORDS)
    except ValueError as error:
        said = str(error)
        assert said
    else:
        assert len(command.arguments) == len(VERBS[command.verb])


def test_the_documentation_names_every_command_and_figure():
    from pathlib import Path

    text = (Path(__file__).parents[3] / "docs" / "LESSONS.md").read_text(encoding="utf-8")
    for verb in VERBS:
        assert f"`{verb}" in text, verb
    for figure in FIGURES:
        assert f"`{figure}`" in text, figure


def test_lessons_ask_for_what_the_sliders_can_show():
    from viewer.session.lessons.commands import RANGES
    from viewer.ui import target_scale

    assert {kind: tuple(map(float, target_scale._RANGES[kind])) for kind in RANGES} == RANGES
