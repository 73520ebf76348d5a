from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConflictError, InvalidInputError, NotFoundError
from millwright.core.records.feature import FeatureKind
from millwright.data.contracts.catalog import ContractCatalog
from millwright.data.contracts.document import parse_contract
from unit.data.contracts.test_consumer import define

if TYPE_CHECKING:
    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores

FIRST = "name: phases\ncolumns: {id: integer, cost: {type: number, min: 0}}\n"
LOOSER = FIRST.replace("min: 0", "min: -1")


@pytest.fixture
def catalog(stores: Stores, clock: ManualClock) -> ContractCatalog:
    return ContractCatalog(stores=stores, clock=clock, actor="ada")


def test_published_contract_is_kept_with_its_owner_and_audited(catalog: ContractCatalog, stores: Stores) -> None:
    record = catalog.publish(FIRST, owner="site-team")
    assert (record.ref, record.owner, record.breaking, record.document) == ("phases@1", "site-team", (), FIRST)
    assert catalog.load("phases") == catalog.load("phases@1") == parse_contract(FIRST)
    assert catalog.list() == catalog.versions("phases") == [record]
    assert [(event.action, event.subject) for event in stores.audit.iter()] == [("contract.publish", "phases@1")]


def test_same_demands_make_no_new_version(catalog: ContractCatalog) -> None:
    first = catalog.publish(FIRST, owner="site-team")
    assert catalog.publish(f"# the same\n{FIRST}") == first
    moved = catalog.publish(FIRST, owner="other-team")
    assert (moved.version, moved.owner, moved.digest) == (2, "other-team", first.digest)


def test_breaking_change_names_the_consumers_and_must_be_allowed(catalog: ContractCatalog, stores: Stores) -> None:
    catalog.publish(FIRST, owner="site-team")
    define(stores, FeatureKind.VIEW, "history", "dataset/phases")
    with pytest.raises(ConflictError) as caught:
        catalog.publish(LOOSER)
    assert "for consumers: cost: min 0 is now -1" in caught.value.message
    assert "Consumers: features history" in caught.value.message
    assert caught.value.details["consumers"]["features"] == ["history"]
    assert "--allow-breaking" in caught.value.hint
    record = catalog.publish(LOOSER, allow_breaking=True)
    assert (record.version, record.owner) == (2, "site-team")
    assert record.breaking == ("for consumers: cost: min 0 is now -1",)
    event = list(stores.audit.iter())[-1]
    assert event.details["consumers"] == "features history"


def test_change_that_breaks_nobody_needs_no_leave(catalog: ContractCatalog) -> None:
    catalog.publish(FIRST)
    wider = FIRST.replace("id: integer", "id: integer, note: {type: string, required: no}")
    assert catalog.publish(wider).breaking == ()


def test_published_version_of_a_contract_is_found_by_what_it_demands(catalog: ContractCatalog) -> None:
    first = catalog.publish(FIRST)
    catalog.publish(LOOSER, allow_breaking=True)
    assert catalog.find_published(parse_contract(f"{FIRST}# x\n")) == first
    assert catalog.find_published(parse_contract(FIRST.replace("phases", "others"))) is None


def test_reference_that_is_none_is_refused(catalog: ContractCatalog) -> None:
    catalog.publish(FIRST)
    with pytest.raises(InvalidInputError, match="name or name@version"):
        catalog.get("phases@latest")
    with pytest.raises(NotFoundError, match="no version 7"):
        catalog.get("phases@7")
    with pytest.raises(InvalidInputError, match="Expected the key 'columns'"):
        catalog.publish("name: phases\n")


def test_two_that_publish_at_once_become_two_versions(catalog: ContractCatalog) -> None:
    documents = [FIRST.replace("id: integer", f"id: integer, c{n}: {{type: string, required: no}}") for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda text: catalog.publish(text, allow_breaking=True), documents))
    assert sorted(record.version for record in catalog.versions("phases")) == [1, 2, 3, 4]
