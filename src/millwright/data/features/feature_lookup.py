"""Which features a model was trained with, as its version records it: what has to be looked up to predict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.data.features.training_set import TrainingSetRecord

LOOKUP = "feature_lookup"  # the name in the notes of steps and the parameters of versions


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureLookup:
    """Where the values of a model's columns come from.

    Attributes:
        service: The feature service, as `delay@2`.
        definitions: Every view that took part and the service, each with its version, as `view/history@3`.
        keys: Column of the rows that holds a key → its Polars type there.
        request: Column that on-demand views want of the request → its Polars type.
        columns: Column that a service adds → the feature that it is, as `history:late`.
    """

    service: str
    definitions: tuple[str, ...]
    keys: Mapping[str, str]
    request: Mapping[str, str]
    columns: Mapping[str, str]

    def limited_to(self, names: Iterable[str]) -> FeatureLookup:
        """The same for some of its columns; names that are no columns of it are passed over."""
        return replace(self, columns={name: self.columns[name] for name in names if name in self.columns})

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return found

    @classmethod
    def from_json(cls, data: Any) -> FeatureLookup:
        """From what `to_json` gave.

        Raises:
            InvalidInputError: Something is missing or of the wrong kind.
        """
        try:
            return msgspec.convert(data, cls)
        except msgspec.ValidationError as error:
            raise InvalidInputError(
                f"Expected the record of a feature look-up, found something else: {error}.",
                hint="Register the model again.",
            ) from error


def lookup_of(record: TrainingSetRecord) -> FeatureLookup | None:
    """What has to be looked up to predict with a model that was trained on a training set.

    Returns:
        None where that cannot be told: the features were named one by one, or a definition is not recorded.
    """
    if not record.service or not all("@" in definition for definition in record.definitions):
        return None
    return FeatureLookup(
        service=record.service,
        definitions=record.definitions,
        keys=dict(record.keys),
        request=dict(record.request),
        columns=dict(record.columns),
    )
