"""Identifiers: one `NewType` per kind of record, and the generator for new ones.

Ids are version 7 UUIDs (RFC 9562) in hex: they sort by creation time to the millisecond, and the time can be read back.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import NewType

ExperimentId = NewType("ExperimentId", str)
RunId = NewType("RunId", str)
TraceId = NewType("TraceId", str)
PipelineRunId = NewType("PipelineRunId", str)
StepRunId = NewType("StepRunId", str)
ModelVersionId = NewType("ModelVersionId", str)
PredictionId = NewType("PredictionId", str)
ReportId = NewType("ReportId", str)
AlertId = NewType("AlertId", str)
DecisionId = NewType("DecisionId", str)
EventId = NewType("EventId", str)
WebhookId = NewType("WebhookId", str)
DeliveryId = NewType("DeliveryId", str)
SilenceId = NewType("SilenceId", str)
NotificationId = NewType("NotificationId", str)
TokenId = NewType("TokenId", str)
ErasureId = NewType("ErasureId", str)
MaterializationId = NewType("MaterializationId", str)
RolloutId = NewType("RolloutId", str)
Digest = NewType("Digest", str)

_AT_ONCE = 256
_VARIANT = bytes.maketrans(b"0123456789abcdef", b"89ab" * 4)


def new_id(at_ms: int | None = None) -> str:
    """A new id: 32 lower-case hex digits, the first 12 being milliseconds since 1970.

    Args:
        at_ms: The creation time in milliseconds; now when absent.
    """
    stamp = time.time_ns() // 1_000_000 if at_ms is None else at_ms
    noise = int.from_bytes(os.urandom(10), "big")
    random_a, random_b = (noise >> 62) & 0xFFF, noise & 0x3FFF_FFFF_FFFF_FFFF
    return f"{(stamp << 80) | (0x7 << 76) | (random_a << 64) | (0b10 << 62) | random_b:032x}"


def new_ids(count: int, at_ms: int | None = None) -> list[str]:
    """As many new ids as asked for, all of one millisecond; cheaper than `new_id` one by one.

    Args:
        count: How many; 0 gives an empty list.
        at_ms: The creation time in milliseconds; now when absent.
    """
    stamp = f"{time.time_ns() // 1_000_000 if at_ms is None else at_ms:012x}7"
    noise = bytearray(os.urandom(10 * count).hex(), "ascii")
    # Of each 20 random digits 3 are used, then one of 8, 9, a, b (the variant), then 15.
    noise[3::20] = noise[3::20].translate(_VARIANT)
    digits = noise.decode("ascii")
    return [stamp + digits[at : at + 19] for at in range(0, 20 * count, 20)]


class IdSource:
    """Makes ids one by one, cheaper than `new_id`: random digits are drawn for some hundred of them at once.

    For one thread. A process that forks makes its own behind the fork: two with the same digits make the same ids.
    """

    __slots__ = ("_ends", "_stamp", "_stamp_ms")

    def __init__(self) -> None:
        self._ends: list[str] = []
        self._stamp_ms = -1
        self._stamp = ""

    def new(self, at_ms: int) -> str:
        """A new id.

        Args:
            at_ms: The creation time in milliseconds since 1970.
        """
        if at_ms != self._stamp_ms:
            self._stamp_ms = at_ms
            self._stamp = f"{at_ms:012x}"
        ends = self._ends
        if not ends:
            ends += [each[12:] for each in new_ids(_AT_ONCE, 0)]
        return self._stamp + ends.pop()


def id_time(identifier: str) -> datetime:
    """When an id was made, in UTC, to the millisecond.

    Raises:
        ValueError: The text is not an id made by `new_id`.
    """
    if len(identifier) != 32 or identifier[12] != "7":
        raise ValueError(f"Expected 32 hex digits of a version 7 UUID, found {identifier!r}.")
    return datetime.fromtimestamp(int(identifier[:12], 16) / 1000, tz=UTC)
