"""Carries everything from one place to another, and compares.

For each run: its points are counted and its files hashed as they are read; then the target is read again, and both
digests must be equal. A run that is there whole is not read twice: its digest was remembered with it, or, where ids are
kept, it was written in one transaction after its files.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from millwright.core.errors import MillwrightError
from millwright.registry.exchange.logged_model_transfer import LoggedModelTransfer
from millwright.registry.exchange.place import UnreachableError
from millwright.registry.exchange.reading import read_run
from millwright.registry.exchange.report import TransferReport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.core.progress import Progress, ProgressTask
    from millwright.registry.exchange.content import Artifact, Experiment, Model, Run
    from millwright.registry.exchange.logged_model import LoggedModelReader, LoggedModelTarget
    from millwright.registry.exchange.place import Source, Target
    from millwright.registry.exchange.reading import RunContent


class Transfer:
    """One transfer.

    Args:
        source: Where from.
        target: Where to.
        progress: Shows how far it is.
        with_artifacts: Whether files are carried, too.
    """

    def __init__(self, source: Source, target: Target, progress: Progress, *, with_artifacts: bool = True) -> None:
        self._source = source
        self._target = target
        self._progress = progress
        self._with_artifacts = with_artifacts
        self.report = TransferReport(source=source.name, target=target.name)

    def run(self) -> TransferReport:
        """Carry everything that is not there yet.

        Raises:
            MillwrightError: A place cannot be read or written; what was carried stays, and the next call goes on.
        """
        with self._progress.task("Runs") as task:
            experiments = list(self._source.iter_experiments())
            own_ids = [self._carry_experiment(experiment, task) for experiment in experiments]
        with self._progress.task("Logged models") as task:
            # After all runs: those of one experiment may have measured a model of another.
            for experiment, own_id in zip(experiments, own_ids, strict=True):
                self._carry_logged_models(experiment, own_id)
                self._target.close_experiment(experiment, own_id)
                task.advance(note=experiment.name)
        with self._progress.task("Models") as task:
            for model in self._source.iter_models():
                self._carry_model(model)
                task.advance(note=model.name)
        self._compare_models()
        self.report.left_out += self._source.left_out()
        return self.report

    def _carry_model(self, model: Model) -> None:
        self._count("models")
        self.report.carried["models"] += self._target.put_model(model)
        for version in self._source.iter_versions(model.name):
            self._count("versions")
            with self._told(f"Version {version.version} of the model {version.name}"):
                self.report.carried["versions"] += self._target.put_version(version)
        self._count("aliases", len(model.aliases))
        with self._told(f"Aliases of the model {model.name}"):
            self._target.put_aliases(model)

    def _carry_experiment(self, experiment: Experiment, task: ProgressTask) -> str:
        self._count("experiments")
        own_id, made = self._target.put_experiment(experiment)
        self.report.carried["experiments"] += made
        for run in self._source.iter_runs(experiment.id):
            self._count("runs")
            with self._told(f"Run {run.id} ({run.name})"):
                self._carry_run(run, own_id)
            task.advance(note=experiment.name)
        return own_id

    def _carry_logged_models(self, experiment: Experiment, own_id: str) -> None:
        reader: LoggedModelReader | None = getattr(self._source, "logged_models", None)
        writer: LoggedModelTarget | None = getattr(self._target, "logged_models", None)
        if reader is None or writer is None:
            return
        transfer = LoggedModelTransfer(
            source=reader, target=writer, report=self.report, with_artifacts=self._with_artifacts
        )
        for model in reader.iter_models(experiment.id):
            self._count("logged_models")
            with self._told(f"Logged model {model.id}"):
                transfer.carry(model, own_id)

    def _carry_run(self, run: Run, experiment_id: str) -> None:
        files = self._files(run)
        known = self._target.find_run(run)
        content = read_run(self._source, run, files)
        self.report.seen["points"] += content.points
        self._count_files("seen", files)
        if known is not None and self._target.is_complete(known, run, content.digest):
            self.report.present += 1
            self.report.verified += 1
            return
        own = self._target.put_run(run, experiment_id, self._source.iter_points(run))
        for file in files:
            self._target.put_file(own, file.path, self._source.read_file(run, file.path))
        self._target.close_run(own, run, content.digest)
        self.report.carried["runs"] += 1
        self.report.carried["points"] += content.points
        self._count_files("carried", files)
        self._compare(run, content)

    def _compare(self, run: Run, content: RunContent) -> None:
        own = self._target.find_run(run)
        found = None if own is None else read_run(self._target, own, self._own_files(own))
        if found is not None and found.digest == content.digest:
            self.report.verified += 1
            return
        told = "it is not there" if found is None else content.difference(found)
        self.report.differences.append(f"Run {run.id} ({run.name}) is not equal at {self._target.name}: {told}.")

    def _files(self, run: Run) -> list[Artifact]:
        if not self._with_artifacts:
            return []
        try:
            return self._source.list_files(run)
        except UnreachableError as error:
            self.report.left_out.append(f"Artifacts of run {run.id} ({run.name}): {error}")
            return []

    def _own_files(self, own: Run) -> list[Artifact]:
        return self._target.list_files(own) if self._with_artifacts else []

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """What is refused is told, and what follows is carried."""
        try:
            yield
        except (MillwrightError, ValueError, OverflowError) as error:
            if isinstance(error, MillwrightError) and error.http_status >= 500:
                raise  # the place is away: all that follows would fail, too
            self.report.differences.append(f"{what} could not be carried: {error}")

    def _compare_models(self) -> None:
        theirs = {model.name: model for model in self._target.iter_models()}
        for model in self._source.iter_models():
            own = theirs.get(model.name)
            numbers = {each.version for each in self._source.iter_versions(model.name)}
            there = set() if own is None else {each.version for each in self._target.iter_versions(model.name)}
            if not numbers <= there:
                missing = ", ".join(map(str, sorted(numbers - there)))
                self.report.differences.append(f"Model {model.name} lacks version {missing} at {self._target.name}.")
            elif own is not None and dict(model.aliases).items() - dict(own.aliases).items():
                self.report.differences.append(f"Model {model.name} has other aliases at {self._target.name}.")

    def _count(self, what: str, number: int = 1) -> None:
        self.report.seen[what] += number

    def _count_files(self, where: str, files: list[Artifact]) -> None:
        counts = self.report.seen if where == "seen" else self.report.carried
        counts["files"] += len(files)
        counts["bytes"] += sum(file.size_bytes for file in files)
