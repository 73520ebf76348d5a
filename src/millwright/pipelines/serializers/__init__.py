"""How values between steps are stored: open formats, by content; pickled only where the workspace says so.

Path of a value: `ValueTypes.dump` (finds the serializer) → its `dumps`, or `store` where a value has parts → the
artifact store; and back through `ValueTypes.load`, then an adapter when the step asks for another type than the one
stored.

- `plain`, `frame`, `series`, `ndarray`, `npz`, `sparse`, `tensor`, `folder`: a serializer or two each.
- `installed`: those of installed packages. `pickled`: the one that has to be allowed.
- `catalog`: which one is for what.
"""

from __future__ import annotations

from millwright.pipelines.serializers.base import Adapter, DumpedValue, PartSerializer, Serializer
from millwright.pipelines.serializers.catalog import ValueTypes

__all__ = ["Adapter", "DumpedValue", "PartSerializer", "Serializer", "ValueTypes"]
