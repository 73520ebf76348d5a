"""Carries logged models, and compares each with what has arrived."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.registry.exchange.logged_model import LoggedModelReader, LoggedModelTarget, ModelContent
from millwright.registry.exchange.place import UnreachableError
from millwright.registry.exchange.reading import HashedPieces, hashed
from millwright.registry.exchange.report import TransferReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.registry.exchange.content import Artifact
    from millwright.registry.exchange.logged_model import LoggedModel


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggedModelTransfer:
    """Carries them between two places.

    Attributes:
        source: Where from.
        target: Where to.
        report: Counts, and is told what differs.
        with_artifacts: Whether files are carried, too.
    """

    source: LoggedModelReader
    target: LoggedModelTarget
    report: TransferReport
    with_artifacts: bool = True

    def carry(self, model: LoggedModel, experiment_id: str) -> None:
        """Carry one, unless it is there whole.

        Args:
            model: As the source gave it.
            experiment_id: The target's experiment.

        Raises:
            MillwrightError: It is refused, or a place cannot be read or written.
        """
        files = self._files(model)
        self._count("seen", files)
        known = self.target.find(model, experiment_id)
        if known is not None and self.target.is_complete(known, self._read(self.source, model, files)):
            return
        digests = {}
        for file in files:
            pieces = HashedPieces(self.source.read_file(model, file.path))
            self.target.put_file(model, experiment_id, file, pieces)
            digests[file.path] = pieces.digest
        self.target.put(model, experiment_id)
        self.report.carried["logged_models"] += 1
        self._count("carried", files)
        self._compare(ModelContent(model=model, files=digests), experiment_id)

    def _compare(self, content: ModelContent, experiment_id: str) -> None:
        own, told = self.target.find(content.model, experiment_id), "it is not there"
        if own is not None:
            files = [file for file in self._own_files(own) if file.path in content.files]
            told = content.missing(self._read(self.target, own, files))
            if not told:
                self.target.close(own, content.digest)
                return
        what = f"Logged model {content.model.id} ({content.model.name})"
        self.report.differences.append(f"{what} is not equal at {self.report.target}: {told}.")

    def _own_files(self, own: LoggedModel) -> list[Artifact]:
        return self.target.list_files(own) if self.with_artifacts else []

    def _read(self, place: LoggedModelReader, model: LoggedModel, files: Sequence[Artifact]) -> ModelContent:
        digests = {file.path: file.digest or hashed(place.read_file(model, file.path)) for file in files}
        return ModelContent(model=model, files=digests)

    def _files(self, model: LoggedModel) -> list[Artifact]:
        if not self.with_artifacts:
            return []
        try:
            return self.source.list_files(model)
        except UnreachableError as error:
            self.report.left_out.append(f"Artifacts of logged model {model.id} ({model.name}): {error}")
            return []

    def _count(self, where: str, files: list[Artifact]) -> None:
        counts = self.report.seen if where == "seen" else self.report.carried
        counts["files"] += len(files)
        counts["bytes"] += sum(file.size_bytes for file in files)
