"""What is left behind for the next session: the coding, and nobody's name."""

from __future__ import annotations

import logging

from tests.session.studies import compressed, saved_archive
from viewer.codecs.base import Target
from viewer.session import Session


def test_no_identity_in_settings_or_log(
    open_study, codecs, settings_folder, tmp_path, qtbot, caplog
):
    with caplog.at_level(logging.DEBUG):
        session = compressed(open_study, qtbot)
        codecs["paced"].errors = [KeyError("SECRET^NAME, ID-90210")]
        with qtbot.waitSignal(session.coding_failed) as caught:
            session.set_codec("paced")
        assert "unexpected failure" in caught.args[0]
        saved_archive(session, tmp_path / "kept.radz", qtbot)
        assert session.close()
    written = "".join(p.read_text() for p in settings_folder.rglob("*") if p.is_file())
    assert "session" in written
    for secret in ("SECRET", "90210"):
        assert secret not in written
        assert secret not in caplog.text
        assert secret not in caught.args[0]


def test_codec_and_target_come_back_in_the_next_session(open_study, qtbot):
    open_study.set_target(Target("bpp", 0.75))
    open_study.set_target(Target("bpp", 9.0), live=True)
    other = Session()
    assert other.coding.target == Target("bpp", 0.75)
    assert other.device_name == "device: when needed"
    assert other.close()
