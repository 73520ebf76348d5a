from __future__ import annotations

from millwright.deployment.batch.engines.wire import frame_bytes, predict_bytes, predicted


def test_answers_are_the_same_behind_bytes(recipe, chunks):
    for chunk in chunks[:2]:
        expected = recipe.build().predict(chunk)
        found = predicted(predict_bytes(recipe, chunk.index, chunk.first_row, frame_bytes(chunk.frame)))
        assert found.index == chunk.index
        assert found.good.equals(expected.good)
        assert found.bad.equals(expected.bad)
        assert found.reasons == dict(expected.reasons)
