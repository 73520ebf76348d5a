from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.records.model import RegisteredModelRecord
from millwright.registry.selector import resolve
from millwright.testing import sample

if TYPE_CHECKING:
    from millwright.storage.base.models import ModelStore
    from millwright.storage.catalog import Stores


@pytest.fixture
def models(stores: Stores) -> ModelStore:
    for name in ("delay", "empty"):
        stores.models.create_model(RegisteredModelRecord(name=name, created_at=sample.NOON))
    for _ in range(3):
        stores.models.create_version(sample.model_version("delay"))
    stores.models.put_alias(sample.alias("delay", 2, alias_name="shadow"))
    return stores.models


@pytest.mark.parametrize(
    ("selector", "version"), [("delay@1", 1), ("delay@shadow", 2), ("delay@latest", 3), ("delay", 3), ("delay@03", 3)]
)
def test_selector_means_a_version(models: ModelStore, selector: str, version: int) -> None:
    assert resolve(models, selector).version == version


def test_name_may_hold_an_at_sign(models: ModelStore) -> None:
    models.create_model(RegisteredModelRecord(name="ada@work", created_at=sample.NOON))
    models.create_version(sample.model_version("ada@work"))
    assert {resolve(models, selector).ref for selector in ("ada@work", "ada@work@1")} == {"ada@work@1"}


def test_name_alone_means_the_champion_when_there_is_one(models: ModelStore) -> None:
    models.put_alias(sample.alias("delay", 1))
    assert resolve(models, "delay").version == resolve(models, "delay@champion").version == 1
    assert resolve(models, "delay@latest").version == 3


@pytest.mark.parametrize("selector", ["", "@", "@champion", "delay@"])
def test_selector_of_another_form_is_refused(models: ModelStore, selector: str) -> None:
    with pytest.raises(InvalidInputError, match="name@alias"):
        resolve(models, selector)


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("dealy@champion", r"no model 'dealy'.*'delay'"),
        ("delay@shadw", r"no alias 'shadw'.*'shadow'"),
        ("delay@9", r"no version 9.*1 to 3"),
        ("delay@0", r"no version 0"),
        ("delay@v1", r"no alias 'v1'"),
        ("delay@²", r"no alias '²'"),
        ("delay@1@2", r"no model 'delay@1'.*'delay'"),
        ("empty", r"no versions yet"),
        ("empty@latest", r"no versions yet"),
        ("empty@champion", r"no alias 'champion'.*no aliases yet"),
        ("empty@1", r"no version 1.*no versions"),
    ],
)
def test_selector_of_nothing_is_an_error_that_helps(models: ModelStore, selector: str, message: str) -> None:
    with pytest.raises(NotFoundError, match=message):
        resolve(models, selector)


def test_selector_says_how_to_begin_when_there_are_no_models(stores: Stores) -> None:
    with pytest.raises(NotFoundError, match="Register one first"):
        resolve(stores.models, "delay")
