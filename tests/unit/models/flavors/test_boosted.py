from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from millwright.core.errors import IntegrityError, InvalidInputError, UnsafeArtifactError
from millwright.models.flavors.boosted import judged_member, with_other_class


@dataclass(frozen=True)
class Trees:
    columns: int
    classes: int


def parse(data: bytes) -> Trees:
    if data != b"sound":
        raise InvalidInputError("no trees")
    return Trees(columns=3, classes=2)


def test_member_is_judged_as_it_is_read() -> None:
    assert judged_member({"m": b"sound"}, "m", parse, "Boost", columns=3, classes=2) == Trees(3, 2)
    with pytest.raises(IntegrityError, match="the member 'm' in a package of flavor 'boost', found none"):
        judged_member({}, "m", parse, "Boost", columns=3, classes=2)
    with pytest.raises(UnsafeArtifactError, match="Boost model does not load: no trees"):
        judged_member({"m": b"x"}, "m", parse, "Boost", columns=3, classes=2)
    with pytest.raises(UnsafeArtifactError, match="takes 3 columns and tells 2 classes apart; expected 4 and 2"):
        judged_member({"m": b"sound"}, "m", parse, "Boost", columns=4, classes=2)


def test_two_classes_have_two_probabilities() -> None:
    values = np.array([0.25, 1.0])
    assert with_other_class(values, classes=2).tolist() == [[0.75, 0.25], [0.0, 1.0]]
    assert with_other_class(values, classes=0) is values
    three = np.full((2, 3), 1 / 3)
    assert with_other_class(three, classes=3) is three
