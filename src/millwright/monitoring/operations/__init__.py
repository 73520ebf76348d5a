"""Operations: how fast, how often, how reliably and at what cost an endpoint answered in a window."""

from __future__ import annotations

from millwright.monitoring.operations.measure import Operations, measure_operations
from millwright.monitoring.operations.served import RefusedValues, ServedCounts
from millwright.monitoring.operations.settings import OperationsSettings

__all__ = ["Operations", "OperationsSettings", "RefusedValues", "ServedCounts", "measure_operations"]
