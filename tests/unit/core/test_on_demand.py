from __future__ import annotations

import subprocess
import sys

import pytest

from millwright.core.on_demand import names_on_demand

_LOADED = "import sys; from millwright.{} import {}; print(*sorted(sys.modules))"


def test_name_is_found_in_its_module_and_kept(monkeypatch):
    import json

    find = names_on_demand("json", {"JSONDecoder": "decoder", "found_once": "decoder"})
    assert find("JSONDecoder") is json.decoder.JSONDecoder
    monkeypatch.setattr(json.decoder, "found_once", object(), raising=False)
    monkeypatch.setattr(json, "found_once", None, raising=False)
    assert find("found_once") is json.found_once


def test_name_that_there_is_not_is_refused():
    with pytest.raises(AttributeError, match="module 'json' has no attribute 'missing'"):
        names_on_demand("json", {})("missing")


@pytest.mark.parametrize("room", ["monitoring", "storage.base"])
def test_every_name_of_a_room_is_there(room):
    package = __import__(f"millwright.{room}", fromlist=["__all__"])
    for name in package.__all__:
        assert getattr(package, name).__name__ == name


@pytest.mark.parametrize(("place", "name"), [("monitoring.finding", "AlertKind"), ("storage.base", "RunStore")])
def test_one_name_does_not_load_the_others(place, name):
    code = _LOADED.format(place, name)
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert f"millwright.{place}" in loaded
    room = place.partition(".")[0]
    assert sum(each.startswith(f"millwright.{room}.") for each in loaded) < 6
    assert "polars" not in loaded
