from __future__ import annotations

from millwright.deployment.realtime.serve_options import ServeOptions


def test_only_this_machine_can_reach_the_default():
    assert ServeOptions(selector="delay@champion").host == "127.0.0.1"
