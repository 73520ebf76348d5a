from __future__ import annotations

from millwright.deployment.realtime.serve_options import ServedChoice, ServeOptions


def test_only_this_machine_can_reach_the_default():
    assert ServeOptions(models=(ServedChoice("delay@champion"),)).host == "127.0.0.1"


def test_choice_may_name_its_endpoint():
    assert ServedChoice.parse("delay@champion") == ServedChoice("delay@champion", "")
    assert ServedChoice.parse("site=delay@2") == ServedChoice("delay@2", "site")
