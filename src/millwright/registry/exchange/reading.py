"""Reads a run whole, to know whether it is equal at two places."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.registry.exchange.content import points_digest, run_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from millwright.registry.exchange.content import Artifact, Run
    from millwright.registry.exchange.place import Source


@dataclass(frozen=True, kw_only=True, slots=True)
class RunContent:
    """What was found out about a run by reading it.

    Attributes:
        points: How many different points it has.
        files: Path → digest.
        digest: Of everything that must be equal.
    """

    points: int
    files: Mapping[str, str]
    digest: str

    def difference(self, other: RunContent) -> str:
        """What differs, in words."""
        if self.points != other.points:
            return f"{self.points} metric points were carried, {other.points} are there"
        if self.files != other.files:
            paths = sorted(path for path in self.files if other.files.get(path) != self.files[path])
            return f"its files differ: {', '.join(paths[:3]) or 'there are more'}"
        return "its parameters, tags, inputs or attributes differ"


def read_run(place: Source, run: Run, files: Sequence[Artifact]) -> RunContent:
    """Read a run's points and those of its files whose digest the place does not know.

    Args:
        place: Where the run is.
        run: As the place gave it.
        files: Those that count.
    """
    count, points = points_digest(place.iter_points(run))
    digests = {file.path: file.digest or hashed(place.read_file(run, file.path)) for file in files}
    return RunContent(points=count, files=digests, digest=run_digest(run, points, digests))


class HashedPieces:
    """Bytes in pieces, hashed as they pass by.

    Args:
        pieces: To be read once.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._state = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._state.update(piece)
            yield piece

    @property
    def digest(self) -> str:
        """Of what has passed by."""
        return self._state.hexdigest()


def hashed(pieces: Iterator[bytes]) -> str:
    """The digest of bytes in pieces."""
    all_of_them = HashedPieces(pieces)
    for _ in all_of_them:
        pass
    return all_of_them.digest
