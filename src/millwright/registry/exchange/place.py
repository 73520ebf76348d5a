"""What a place must be able to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from millwright.registry.exchange.content import Artifact, Experiment, Model, Point, Run, Version


class Source(Protocol):
    """Somewhere to read from. Runs that are given back by `iter_runs` are handed in again as they are."""

    name: str

    def iter_experiments(self) -> Iterator[Experiment]:
        """All of them, deleted ones too."""
        ...

    def iter_runs(self, experiment_id: str) -> Iterator[Run]:
        """An experiment's, deleted ones too, the oldest first."""
        ...

    def iter_points(self, run: Run) -> Iterator[Point]:
        """Every point of every metric."""
        ...

    def list_files(self, run: Run) -> list[Artifact]:
        """Every file of a run.

        Raises:
            UnreachableError: They are where this place cannot, or may not, read.
        """
        ...

    def read_file(self, run: Run, path: str) -> Iterator[bytes]:
        """A file's bytes in pieces."""
        ...

    def iter_models(self) -> Iterator[Model]:
        """All registered models."""
        ...

    def iter_versions(self, name: str) -> Iterator[Version]:
        """A model's versions, the first one first."""
        ...

    def left_out(self) -> list[str]:
        """What this place has that is not carried, in words."""
        ...


class Target(Source, Protocol):
    """Somewhere to write to, and to read again what was written."""

    def put_experiment(self, experiment: Experiment) -> tuple[str, bool]:
        """Make an experiment, or take the one of that name; it is active until `close_experiment`.

        Returns:
            Its id here, and whether it was made.
        """
        ...

    def close_experiment(self, experiment: Experiment, own_id: str) -> None:
        """Set tags, and delete it if it was deleted."""
        ...

    def find_run(self, run: Run) -> Run | None:
        """The run that came from this one, complete or not."""
        ...

    def is_complete(self, own: Run, origin: Run, digest: str) -> bool:
        """Whether everything of a run that was found is there already."""
        ...

    def put_run(self, run: Run, experiment_id: str, points: Iterable[Point]) -> Run:
        """Write a run with its points; what is there already stays. It stays active until `close_run`."""
        ...

    def put_file(self, own: Run, path: str, pieces: Iterator[bytes]) -> None:
        """Write a file of a run."""
        ...

    def close_run(self, own: Run, origin: Run, digest: str) -> None:
        """Remember that everything of it is there, and delete it if it was deleted."""
        ...

    def put_model(self, model: Model) -> bool:
        """Make a registered model, or take the one of that name; without its aliases. Whether it was made."""
        ...

    def put_version(self, version: Version) -> bool:
        """Make a version; nothing happens when there is one of that number. Whether it was made."""
        ...

    def put_aliases(self, model: Model) -> None:
        """Set a model's aliases."""
        ...


class UnreachableError(Exception):
    """Files that a place cannot, or may not, read."""
