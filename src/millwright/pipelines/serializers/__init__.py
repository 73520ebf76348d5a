"""How values between steps are stored: open formats, one byte string per value, never pickle.

Path of a value: `ValueTypes.serializer_for` → a serializer's `dumps` → the artifact store; and back through `loads`,
then an adapter when the step asks for another type than the one that was stored.
"""

from __future__ import annotations

from millwright.pipelines.serializers.base import Adapter, Serializer
from millwright.pipelines.serializers.catalog import ValueTypes

__all__ = ["Adapter", "Serializer", "ValueTypes"]
