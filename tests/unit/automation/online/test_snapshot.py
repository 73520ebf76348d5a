from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.automation.online.snapshot import DOCUMENT, Snapshot, load
from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from automation.online.conftest import World


def test_version_that_was_registered_by_hand_has_learnt_what_there_was_then(world: World):
    version = world.project.registry.resolve("site@online")

    snapshot = Snapshot.of(version, world.project.stores.artifacts)

    assert (snapshot.position.recorded_at, snapshot.parent, snapshot.is_good) == (version.created_at, None, True)


def test_snapshot_keeps_its_parents_documents_and_says_how_well_it_did(world: World):
    world.happen(120)
    world.learner().step()

    version = world.project.registry.resolve("site@online")
    snapshot = Snapshot.of(version, world.project.stores.artifacts)

    assert len(snapshot.window) == 50
    assert set(version.documents) == {"environment.json", DOCUMENT}
    assert (snapshot.parent, snapshot.learnt, snapshot.metric) == (1, 120, "accuracy")
    assert version.metrics == {"prequential_accuracy": snapshot.value}
    assert version.tags["online_parent"] == "1"


def test_model_of_another_library_cannot_learn_online(world: World, packaged_regressor: bytes):
    version = world.project.register(packaged_regressor, passed=True)

    with pytest.raises(InvalidInputError, match=r"Expected a model of River to learn online, found delay@1"):
        load(version, world.project.stores.artifacts)


@pytest.fixture(scope="module")
def packaged_regressor() -> bytes:
    import polars as pl
    from sklearn.linear_model import LinearRegression

    from millwright.models.adoption import adopt
    from millwright.models.package import pack

    rows = pl.DataFrame({"a": [1.0, 2.0, 3.0]})
    return pack(adopt(LinearRegression().fit(rows.to_numpy(), [1.0, 2.0, 3.0]), rows, target="y"))
