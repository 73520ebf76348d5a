"""Verifies the audit log: that no entry was changed, removed, added or reordered since it was written.

Each entry's hash covers the entry and the hash before it, so that any edit shows at the entry where it was made, or at
the next one when the edited entry's hash was computed again. What a chain alone cannot show is a rewrite of everything
behind some entry, or a cut tail: both leave a chain that is whole. A checkpoint (`read_head`) that was noted elsewhere
earlier shows both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, StorageError
from millwright.core.ids import Digest
from millwright.core.records.audit import GENESIS_HASH, AuditEvent, audit_hash

if TYPE_CHECKING:
    from millwright.storage.base import AuditStore

_CHECKPOINT = re.compile(r"(?:(?P<seq>\d+):)?(?P<hash>[0-9a-f]{64})")


class Tampering(StrEnum):
    """What is wrong with the chain."""

    GAP = "gap"  # entries are missing, or sequence numbers were changed
    LINK = "link"  # an entry does not follow the one before it
    CONTENT = "content"  # an entry's fields differ from its hash
    UNREADABLE = "unreadable"  # a field is no longer of its type
    HEAD = "head"  # the chain is whole, but the entry of the checkpoint is not in it


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditProblem:
    """The first thing wrong.

    Attributes:
        kind: What it is.
        seq: The sequence number it was noticed at.
        message: One or two sentences for people.
        expected: The number or hash that should be there.
        found: The one that is.
    """

    kind: Tampering
    seq: int
    message: str
    expected: str = ""
    found: str = ""

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditVerification:
    """What a verification found.

    Attributes:
        ok: Whether everything holds.
        entries: Entries that were verified, from the first; those behind a problem are not counted.
        head: The hash of the last of them, 64 zeros when there is none; note it elsewhere as `entries:head`.
        problem: None when everything holds.
    """

    ok: bool
    entries: int
    head: Digest
    problem: AuditProblem | None = None

    @property
    def checkpoint(self) -> str:
        """What to note elsewhere, and to give as `head` later."""
        return f"{self.entries}:{self.head}"


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditHead:
    """The newest entry.

    Attributes:
        seq: 0 for an empty log.
        hash: 64 zeros for an empty log.
        at: None for an empty log.
    """

    seq: int
    hash: Digest
    at: datetime | None

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


def read_head(store: AuditStore) -> AuditHead:
    """The newest entry as a checkpoint, to be noted where whoever could change the log cannot."""
    newest = store.list(limit=1)
    if not newest:
        return AuditHead(seq=0, hash=GENESIS_HASH, at=None)
    return AuditHead(seq=newest[0].seq, hash=newest[0].hash, at=newest[0].at)


def verify_audit(store: AuditStore, *, head: str | None = None) -> AuditVerification:
    """Read the whole log and recompute its chain.

    Args:
        store: The log.
        head: A checkpoint noted earlier, `SEQ:HASH` or only the hash: its entry must still be in the log.

    Returns:
        What was found; the first broken entry when there is one.

    Raises:
        InvalidInputError: The checkpoint is not of that form.
        StorageError: The store cannot be reached.
    """
    checkpoint = _parse(head)
    seq, previous, met = 0, GENESIS_HASH, checkpoint is None or checkpoint == (0, GENESIS_HASH)
    entries = store.iter()
    while True:
        try:
            entry = next(entries, None)
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a tampered field raises, it is a finding
            return _broken(seq, previous, _unreadable(store, seq, error))
        if entry is None:
            break
        problem = _check(entry, seq, previous)
        if problem is not None:
            return _broken(seq, previous, problem)
        seq, previous = entry.seq, entry.hash
        met = met or (checkpoint is not None and checkpoint[1] == previous and checkpoint[0] in (None, seq))
    if checkpoint is not None and not met:
        return _broken(seq, previous, _not_in_log(checkpoint, seq))
    return AuditVerification(ok=True, entries=seq, head=previous)


def _parse(head: str | None) -> tuple[int | None, Digest] | None:
    if head is None:
        return None
    found = _CHECKPOINT.fullmatch(head.strip().lower())
    if found is None:
        raise InvalidInputError(
            f"Expected a checkpoint as SEQ:HASH or HASH with 64 hex digits, found '{head}'.",
            hint="Give what an earlier 'mw audit verify' printed as head.",
        )
    return (int(found["seq"]) if found["seq"] else None), Digest(found["hash"])


def _check(entry: AuditEvent, seq: int, previous: Digest) -> AuditProblem | None:
    if entry.seq != seq + 1:
        missing = f"entry {seq + 1}" if entry.seq == seq + 2 else f"entries {seq + 1} to {entry.seq - 1}"
        message = f"Expected entry {seq + 1}, found entry {entry.seq}: {missing} were removed or renumbered."
        return AuditProblem(
            kind=Tampering.GAP, seq=seq + 1, message=message, expected=str(seq + 1), found=str(entry.seq)
        )
    if entry.previous_hash != previous:
        before = f"entry {seq} was replaced" if seq else "an entry before it was removed"
        message = f"Entry {entry.seq} ({_named(entry)}) does not follow entry {seq}: it or {before}."
        return AuditProblem(
            kind=Tampering.LINK, seq=entry.seq, message=message, expected=previous, found=entry.previous_hash
        )
    again = audit_hash(
        seq=entry.seq,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        details=entry.details,
        previous_hash=entry.previous_hash,
    )
    if again != entry.hash:
        message = f"Entry {entry.seq} ({_named(entry)}) was changed: its fields do not give its hash."
        return AuditProblem(kind=Tampering.CONTENT, seq=entry.seq, message=message, expected=entry.hash, found=again)
    return None


def _named(entry: AuditEvent) -> str:
    return f"{entry.action} of {entry.subject} by {entry.actor}, {entry.at.isoformat(timespec='seconds')}"


def _unreadable(store: AuditStore, seq: int, error: Exception) -> AuditProblem:
    """Which entry cannot be read: reads fail by the page, so the newest readable stretch is searched by halves."""
    low, high = 0, 1  # the newest `low` entries can be read
    while _readable(store, high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _readable(store, middle) else (low, middle)
    oldest_readable = store.list(limit=low)[-1].seq if low else None
    at = seq + 1 if oldest_readable is None else oldest_readable - 1
    message = f"Entry {at} cannot be read any more: a field was overwritten ({error})."
    if oldest_readable is None:
        message = f"The newest entry cannot be read any more: a field was overwritten ({error})."
    return AuditProblem(kind=Tampering.UNREADABLE, seq=at, message=message)


def _readable(store: AuditStore, newest: int) -> bool:
    try:
        store.list(limit=newest)
    except StorageError:
        raise
    except Exception:  # noqa: BLE001 - as above
        return False
    return True


def _not_in_log(checkpoint: tuple[int | None, Digest], last: int) -> AuditProblem:
    seq, expected = checkpoint
    if seq is not None and seq > last:
        message = f"The log ends at entry {last}, but the checkpoint names entry {seq}: its tail was cut off."
    elif seq is not None:
        message = f"Entry {seq} has another hash than the checkpoint: the log was rewritten from there or before."
    else:
        message = f"No entry has the checkpoint's hash: the log, which ends at entry {last}, was cut or rewritten."
    return AuditProblem(kind=Tampering.HEAD, seq=seq or last, message=message, expected=expected)


def _broken(entries: int, head: Digest, problem: AuditProblem) -> AuditVerification:
    return AuditVerification(ok=False, entries=entries, head=head, problem=problem)
