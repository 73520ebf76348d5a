from __future__ import annotations

from millwright.evaluation.section import Badge, Section, Table, Tone


def test_section_needs_only_a_title():
    section = Section(title="Result")

    assert (section.text, section.facts, section.figures, section.tables) == ((), (), (), ())


def test_badge_is_neutral_unless_said_otherwise():
    assert Badge("kept").tone is Tone.NEUTRAL
    assert Table(headers=["a"], rows=[[Badge("passed", Tone.GOOD)]]).caption == ""
