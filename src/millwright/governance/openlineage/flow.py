"""What a step read and wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec

from millwright.core.errors import MillwrightError
from millwright.core.records.audit import NodeKind
from millwright.governance.openlineage.event import DataSet, WrittenDataSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from millwright.core.ids import Digest
    from millwright.core.records.pipeline import StepRunRecord, ValueRef
    from millwright.governance.openlineage.dataset import DataDescriber
    from millwright.storage.catalog import Stores

D = TypeVar("D", bound=DataSet)

DATASET_SERIALIZER = "dataset"  # of values that are versions of datasets: stored as their names


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """What went into a step and came out of it."""

    inputs: tuple[DataSet, ...] = ()
    outputs: tuple[WrittenDataSet, ...] = ()


class FlowReader:
    """Reads a step's inputs and outputs off its record and the recorded lineage.

    Args:
        stores: Records, lineage and values.
        describe: Describes data.
    """

    def __init__(self, stores: Stores, describe: DataDescriber) -> None:
        self._stores, self._describe = stores, describe

    def begun(self, step: StepRunRecord, names: Mapping[Digest, str]) -> Flow:
        """What a step that begins is given.

        Args:
            step: Its record.
            names: What values are called, by their digest: `pipeline.step.output`. Of steps that gave equal values,
                the first one's name stands for all.
        """
        return Flow(inputs=_distinct(_as_input(data) for data in self._given(step, names)))

    def ended(self, step: StepRunRecord, job: str, names: Mapping[Digest, str]) -> Flow:
        """What a step that ended has read and written.

        Args:
            step: Its record.
            job: Its job's name, which its values are named after.
            names: See `begun`.
        """
        source = step.cached_from or step.id
        written = [self._output(f"{job}.{ref.name}", ref) for ref in step.outputs]
        read: list[DataSet] = list(self._given(step, names))
        read += self._sources(NodeKind.STEP_RUN, source)
        for edge in self._stores.lineage.downstream(NodeKind.STEP_RUN, source):
            if edge.target_kind is NodeKind.DATASET and (record := self._describe.version(edge.target_id)):
                written.append(self._describe.dataset(record))
                read += self._sources(NodeKind.DATASET, record.ref)
            elif edge.target_kind is NodeKind.MODEL_VERSION:
                written.append(self._describe.model(edge.target_id))
        outputs = _distinct(written)
        made = {data.key for data in outputs}
        inputs = _distinct(_as_input(data) for data in read)
        # A version that was made from the one before it doesn't come from itself.
        return Flow(inputs=tuple(data for data in inputs if data.key not in made), outputs=outputs)

    def _given(self, step: StepRunRecord, names: Mapping[Digest, str]) -> list[DataSet]:
        return [self._output(names.get(ref.digest) or f"values/{ref.digest}", ref) for ref in step.inputs.values()]

    def _output(self, name: str, ref: ValueRef) -> WrittenDataSet:
        record = self._describe.version(self._ref(ref)) if ref.serializer == DATASET_SERIALIZER else None
        return self._describe.value(name, ref) if record is None else self._describe.dataset(record)

    def _ref(self, ref: ValueRef) -> str:
        """The version that a stored value names; empty when the value is gone."""
        try:
            data = self._stores.artifacts.get(ref.pack or ref.digest)
        except MillwrightError:
            return ""
        part = data[ref.offset : ref.offset + ref.size_bytes] if ref.pack else data
        return msgspec.json.decode(part, type=_Stored).dataset

    def _sources(self, kind: NodeKind, identifier: str) -> list[DataSet]:
        """What lineage says that something was read or derived from: files, addresses, other datasets."""
        found: list[DataSet] = []
        for edge in self._stores.lineage.upstream(kind, identifier):
            if edge.source_kind is NodeKind.SOURCE:
                uri, _, digest = edge.source_id.rpartition("#")
                if uri:
                    found.append(self._describe.source(uri, digest))
            elif edge.source_kind is NodeKind.DATASET and (record := self._describe.version(edge.source_id)):
                found.append(self._describe.dataset(record))
        return found


class _Stored(msgspec.Struct):
    dataset: str


def _as_input(data: DataSet) -> DataSet:
    return DataSet(namespace=data.namespace, name=data.name, facets=data.facets)


def _distinct(found: Iterable[D]) -> tuple[D, ...]:
    """Each dataset once: of several versions of one, the last that was named."""
    return tuple({data.key: data for data in found}.values())
