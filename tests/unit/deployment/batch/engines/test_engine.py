from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.deployment.batch.engines import local
from millwright.deployment.batch.engines.engine import EngineOptions, load_engine


def test_engine_is_found_by_its_name():
    assert load_engine("local") is local.predict_chunks


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"name": "sparc"}, r"Expected an engine \(local, ray, spark\), found 'sparc'"),
        ({"workers": -1}, "Expected a number of workers from 1, found -1"),
    ],
)
def test_wrong_options_are_refused(options, told):
    with pytest.raises(InvalidInputError, match=told):
        EngineOptions(**options)
