from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.core.records.audit import NodeKind
from millwright.core.records.pipeline import StepStatus
from millwright.governance.openlineage.dataset import DataDescriber
from millwright.governance.openlineage.flow import FlowReader

if TYPE_CHECKING:
    from unit.governance.openlineage.conftest import Chronicle


def reader(chronicle: Chronicle) -> FlowReader:
    describe = DataDescriber(
        chronicle.stores.datasets, tables_url="s3://lake/tables", namespace="mill", bases=(chronicle.folder,)
    )
    return FlowReader(chronicle.stores, describe)


def test_dataset_handed_from_step_to_step_is_the_table(chronicle: Chronicle) -> None:
    record = chronicle.dataset("visits")
    ref = chronicle.value(json.dumps({"dataset": record.ref, "digest": "x"}).encode(), serializer="dataset")
    step = chronicle.step("fit", inputs={"rows": ref})
    [data] = reader(chronicle).begun(step, {}).inputs
    assert (data.namespace, data.name) == ("s3://lake", "tables/visits")


def test_dataset_in_a_pack_of_small_values_is_found(chronicle: Chronicle) -> None:
    record = chronicle.dataset("visits")
    data = json.dumps({"dataset": record.ref, "digest": "x"}).encode()
    pack = chronicle.stores.artifacts.put(b"12345" + data + b"678")
    ref = replace(chronicle.value(b"elsewhere", serializer="dataset"), pack=pack, offset=5, size_bytes=len(data))
    [found] = reader(chronicle).begun(chronicle.step("fit", inputs={"rows": ref}), {}).inputs
    assert found.name == "tables/visits"


def test_value_that_is_gone_is_told_as_a_value(chronicle: Chronicle) -> None:
    ref = chronicle.value(b"{}", serializer="dataset")
    chronicle.stores.artifacts.delete(ref.digest)
    [found] = (
        reader(chronicle).begun(chronicle.step("fit", inputs={"rows": ref}), {ref.digest: "delays.load.result"}).inputs
    )
    assert (found.namespace, found.name) == ("mill", "delays.load.result")


def test_value_of_nobody_is_named_by_its_content(chronicle: Chronicle) -> None:
    ref = chronicle.value(b"1")
    [found] = reader(chronicle).begun(chronicle.step("fit", inputs={"rows": ref}), {}).inputs
    assert found.name == f"values/{ref.digest}"


def test_written_datasets_bring_what_they_came_from(chronicle: Chronicle) -> None:
    source = chronicle.dataset("raw")
    step = chronicle.step("derive", StepStatus.COMPLETED)
    record = chronicle.dataset("table", step)
    chronicle.edge((NodeKind.DATASET, source.ref), "derived", (NodeKind.DATASET, record.ref))
    chronicle.edge((NodeKind.SOURCE, "https://host/x.csv#d1"), "read", (NodeKind.DATASET, record.ref))
    chronicle.edge((NodeKind.SOURCE, "#unnamed"), "read", (NodeKind.DATASET, record.ref))
    flow = reader(chronicle).ended(step, "delays.derive", {})
    assert {(data.namespace, data.name) for data in flow.inputs} == {
        ("s3://lake", "tables/raw"),
        ("https://host", "x.csv"),
    }
    assert [(data.namespace, data.name) for data in flow.outputs] == [("s3://lake", "tables/table")]


def test_version_does_not_come_from_the_one_before_it(chronicle: Chronicle) -> None:
    before = chronicle.dataset("table")
    step = chronicle.step("append", StepStatus.COMPLETED)
    record = chronicle.dataset("table", step)
    chronicle.edge((NodeKind.DATASET, before.ref), "derived", (NodeKind.DATASET, record.ref))
    flow = reader(chronicle).ended(step, "delays.append", {})
    assert flow.inputs == ()
    assert [data.facets["version"].dataset_version for data in flow.outputs] == ["2"]


def test_model_versions_are_written_too(chronicle: Chronicle) -> None:
    step = chronicle.step("register", StepStatus.COMPLETED)
    chronicle.edge((NodeKind.STEP_RUN, step.id), "wrote", (NodeKind.MODEL_VERSION, "late@4"))
    [model] = reader(chronicle).ended(step, "delays.register", {}).outputs
    assert (model.namespace, model.name) == ("mill", "models/late")
    assert model.facets["version"].dataset_version == "4"


def test_the_same_data_is_told_once(chronicle: Chronicle) -> None:
    ref = chronicle.value(b"1")
    step = chronicle.step("fit", inputs={"rows": ref, "more": ref})
    assert len(reader(chronicle).begun(step, {}).inputs) == 1
