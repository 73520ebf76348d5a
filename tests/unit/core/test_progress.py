from __future__ import annotations

from millwright.core.progress import SilentProgress


def test_silent_progress_takes_everything_and_shows_nothing(capsys):
    progress = SilentProgress()
    with progress.task("work", total=2) as task:
        task.advance()
        task.advance(note="best 1.0")
    progress.say("done")
    assert capsys.readouterr() == ("", "")
