from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import MissingExtraError
from millwright.deployment.batch.chunk import Predicted
from millwright.deployment.batch.engines.engine import EngineOptions
from millwright.deployment.batch.engines.local import predict_chunks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.deployment.batch.chunk import Chunk


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_chunks_come_predicted_in_their_order(recipe, chunks, workers):
    predictor = recipe.build()
    done = list(predict_chunks(recipe, iter(chunks), EngineOptions(workers=workers)))
    for found, chunk in zip(done, chunks, strict=True):
        expected = predictor.predict(chunk)
        assert isinstance(found, Predicted)
        assert (found.index, dict(found.reasons)) == (chunk.index, dict(expected.reasons))
        assert found.good.equals(expected.good)
        assert found.bad.equals(expected.bad)


def test_no_more_chunks_are_read_than_workers_need(recipe, chunks):
    read = []

    def told() -> Iterator[Chunk]:
        for chunk in chunks:
            read.append(chunk.index)
            yield chunk

    answers = predict_chunks(recipe, told(), EngineOptions(workers=2))
    assert next(answers).index == 0
    assert read == [0, 1, 2]
    answers.close()


def test_failure_of_a_chunk_comes_out(recipe, chunks):
    def broken() -> Iterator[Chunk]:
        yield chunks[0]
        raise MissingExtraError("a library", "extra")

    with pytest.raises(MissingExtraError):
        list(predict_chunks(recipe, broken(), EngineOptions(workers=2)))
