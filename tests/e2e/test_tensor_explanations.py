from __future__ import annotations

import numpy as np
import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.adoption import adopt
from millwright.models.explanation.explainer import Explainer
from millwright.models.package import load_predictor, pack
from unit.models.tensor_graphs import picture_graph, pictures


def test_an_array_contributes_as_a_whole():
    images = pictures(4)
    sample = {"image": images, "age": np.arange(4.0)}
    package = pack(adopt(picture_graph(outputs=1, number=True), sample))
    predictor = load_predictor(package)
    (found,) = Explainer.from_package(package).explain([{"image": images[0], "age": 50.0}])
    answer = predictor.predict_rows([{"image": images[0], "age": 50.0}])[0]["prediction"]
    assert found.base + sum(found.values.values()) == pytest.approx(answer, rel=1e-4)
    assert found.values["age"] == pytest.approx(50.0 - np.mean([0, 1, 2, 3]), rel=1e-4)


def test_answers_that_are_arrays_cannot_be_shared_out():
    package = pack(adopt(picture_graph(), pictures(4)))
    with pytest.raises(InvalidInputError, match="answers arrays cannot be explained"):
        Explainer.from_package(package).explain([{"image": pictures(1)[0]}])
