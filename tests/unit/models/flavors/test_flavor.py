from __future__ import annotations

from millwright.models.flavors.catalog import BUILT_IN, get_flavor
from millwright.models.flavors.flavor import contributes, is_additive, runs_code, takes_frames


def test_flavors_tell_what_they_can_beside_what_all_can() -> None:
    flavors = {name: get_flavor(name) for name in BUILT_IN}

    assert {name for name, flavor in flavors.items() if runs_code(flavor)} == {"python"}
    assert {name for name, flavor in flavors.items() if takes_frames(flavor)} == {"python", "river"}
    assert {name for name, flavor in flavors.items() if contributes(flavor)} == {"lightgbm", "xgboost"}
    assert {name for name, flavor in flavors.items() if is_additive(flavor)} == {"sklearn"}
