from __future__ import annotations

import pickle
from fractions import Fraction
from typing import Any

import pytest

from millwright.core.errors import IntegrityError
from millwright.pipelines.serializers.pickled import PickleSerializer

PICKLE = PickleSerializer()


def test_any_object_comes_back() -> None:
    for value in (Fraction(1, 3), {(1, 2): {3}}, [1 + 2j], slice(1, 2)):
        assert PICKLE.handles(type(value))
        data = PICKLE.dumps(value)
        assert PICKLE.loads(data, Any) == value == pickle.loads(data)  # noqa: S301
        assert data.startswith(b"\x80\x05")


@pytest.mark.parametrize("value", [lambda: 1, (number for number in [1])])
def test_what_cannot_be_pickled_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="cannot be pickled either"):
        PICKLE.dumps(value)


@pytest.mark.parametrize("data", [b"", b"nothing", pickle.dumps(Fraction(1)).replace(b"Fraction", b"Fractoin")])
def test_pickle_that_cannot_be_read_is_told(data: bytes) -> None:
    with pytest.raises(IntegrityError, match="cannot be read"):
        PICKLE.loads(data, Any)
