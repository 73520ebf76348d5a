from __future__ import annotations

import io
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest

from millwright.core.digest import digest_bytes
from millwright.core.ids import Digest
from millwright.core.records.code import CodeRecord
from millwright.governance.openlineage.origin import code_location, source_code
from tiny.lineage_specification import check_event
from unit.governance.openlineage.conftest import begin

if TYPE_CHECKING:
    from pathlib import Path

COMMIT = "693e35482bc2e526ced2b5f9f76ef83dec6ec691"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository" / "sub"
    folder.mkdir(parents=True)
    (folder / "pipeline.py").write_text("x = 1\n")
    for words in (["init", "-q", "-b", "trunk"], ["config", "user.email", "a@b.c"], ["config", "user.name", "a"]):
        subprocess.run(["git", "-C", str(folder.parent), *words], check=True)
    return folder


def remote(folder: Path, url: str) -> None:
    subprocess.run(["git", "-C", str(folder), "remote", "add", "origin", url], check=True)


def code(**fields) -> CodeRecord:
    given = {"entrypoint": "pipeline.py:delays", "snapshot": None, "source_digest": digest_bytes(b"")}
    return CodeRecord(**{**given, "git_commit": COMMIT, **fields})


@pytest.mark.parametrize(
    ("url", "repo_url"),
    [
        ("https://ann:token@host.example/team/mill.git", "https://host.example/team/mill.git"),
        ("git@host.example:team/mill.git", "git@host.example:team/mill.git"),
        ("ssh://git@host.example:2222/team/mill.git", "ssh://host.example:2222/team/mill.git"),
    ],
)
def test_file_is_found_where_people_read_the_repository(repository: Path, url: str, repo_url: str) -> None:
    remote(repository, url)
    found = code_location(code(), (repository.parent, repository))
    assert found is not None
    assert found.url == f"https://host.example/team/mill/blob/{COMMIT}/sub/pipeline.py"
    assert (found.repo_url, found.path, found.version, found.branch) == (
        repo_url,
        "sub/pipeline.py",
        COMMIT,
        "trunk",
    )


def test_repository_of_this_machine_alone_is_named_by_its_file(repository: Path) -> None:
    found = code_location(code(), (repository,))
    assert found is not None
    assert found.url == (repository / "pipeline.py").as_uri()


def test_code_outside_git_or_out_of_reach_has_no_place(repository: Path, tmp_path: Path) -> None:
    assert code_location(code(git_commit=None), (repository,)) is None
    assert code_location(code(), (tmp_path,)) is None


def test_location_and_text_are_told_with_the_run(stores, repository: Path) -> None:
    remote(repository, "https://host.example/team/mill")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("pipeline.py", "x = 1\n")
    snapshot = stores.artifacts.put(buffer.getvalue())
    run = begin(stores, repository, snapshot=snapshot, git_commit=COMMIT)
    narrator = run.narrator(source_code=True)
    [event] = narrator.tell(run.event("pipeline.started", run.run.id))
    facets = check_event(event.encoded())["job"]["facets"]
    assert facets["sourceCode"]["sourceCode"] == "x = 1\n"
    assert facets["sourceCodeLocation"]["type"] == "git"
    step = run.step("fit")
    [event] = narrator.tell(run.event("step.started", step.id))
    facets = check_event(event.encoded())["job"]["facets"]
    assert "sourceCodeLocation" in facets
    assert "sourceCode" not in facets


def test_text_that_was_not_kept_is_left_out(stores) -> None:
    assert source_code(code(), stores.artifacts) is None
    assert source_code(code(snapshot=Digest("0" * 64)), stores.artifacts) is None
    assert source_code(code(snapshot=stores.artifacts.put(b"no archive")), stores.artifacts) is None
