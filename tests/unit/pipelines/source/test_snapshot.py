from __future__ import annotations

import io
import os
import subprocess
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import IntegrityError, InvalidInputError, NotFoundError
from millwright.pipelines.source import restore_code, snapshot, snapshot_code

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.records.code import CodeRecord
    from millwright.storage.catalog import Stores


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    for name, text in {
        "pipeline.py": "x = 1\n",
        "deep/helper.py": "y = 1\n",
        "contract.yaml": "a: 1\n",
        "millwright.toml": 'store = "postgresql://me:hunter2@host/db"\napi_key = "hunter2"\nkeys = ["a"]\n',
        "tokenizer.yaml": "a: 1\n",
        "api_token.yaml": "hunter2\n",
        "data.csv": "a,b\n",
        ".env": "KEY=hunter2\n",
        "prod.env": "KEY=hunter2\n",
        "secrets.toml": 'key = "hunter2"\n',
        "aws_credentials.yaml": "key: hunter2\n",
        "tokenizer.py": "z = 1\n",
        ".git/config.toml": "x = 1\n",
        ".venv/lib/thing.py": "x = 1\n",
        "env/pyvenv.cfg": "",
        "env/lib/thing.py": "x = 1\n",
        "__pycache__/pipeline.py": "x = 1\n",
    }.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    return project


def names(record: CodeRecord, stores: Stores) -> dict[str, bytes]:
    assert record.snapshot is not None
    with zipfile.ZipFile(io.BytesIO(stores.artifacts.get(record.snapshot))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_snapshot_holds_source_and_settings_and_no_secrets(project: Path, stores: Stores) -> None:
    record = snapshot_code(project / "pipeline.py", "demo", stores.artifacts)
    found = names(record, stores)
    kept = ["contract.yaml", "deep/helper.py", "millwright.toml", "pipeline.py", "tokenizer.py", "tokenizer.yaml"]
    assert sorted(found) == kept
    assert found["millwright.toml"] == b'store = "postgresql://me:***@host/db"\napi_key = "***"\nkeys = ["a"]\n'
    assert b"hunter2" not in b"".join(found.values())
    assert record.entrypoint == "pipeline.py:demo"


def test_same_files_give_the_same_bytes_wherever_they_lie(project: Path, stores: Stores, tmp_path: Path) -> None:
    first = snapshot_code(project / "pipeline.py", "demo", stores.artifacts)
    os.utime(project / "pipeline.py", (1, 1))
    moved = project.rename(tmp_path / "elsewhere")
    assert snapshot_code(moved / "pipeline.py", "demo", stores.artifacts) == first
    (moved / "deep" / "helper.py").write_text("y = 2\n")
    changed = snapshot_code(moved / "pipeline.py", "demo", stores.artifacts)
    assert (changed.snapshot, changed.source_digest) != (first.snapshot, first.source_digest)


def test_restored_code_is_what_was_kept(project: Path, stores: Stores, tmp_path: Path) -> None:
    record = snapshot_code(project / "pipeline.py", "demo", stores.artifacts)
    entry = restore_code(record, stores.artifacts, tmp_path / "restored")
    assert entry == tmp_path / "restored" / "pipeline.py"
    assert (tmp_path / "restored" / "deep" / "helper.py").read_text() == "y = 1\n"
    assert snapshot_code(entry, "demo", stores.artifacts) == record


def test_package_is_kept_from_its_outermost_folder(project: Path, stores: Stores) -> None:
    inner = project / "pkg" / "sub"
    inner.mkdir(parents=True)
    for folder in (inner, inner.parent):
        (folder / "__init__.py").touch()
    (inner / "flow.py").write_text("x = 1\n")
    record = snapshot_code(inner / "flow.py", "demo", stores.artifacts)
    assert record.entrypoint == "pkg/sub/flow.py:demo"
    assert "pipeline.py" in names(record, stores)


def test_git_commit_and_changes_are_told(project: Path, stores: Stores) -> None:
    import shutil

    shutil.rmtree(project / ".git")
    assert snapshot_code(project / "pipeline.py", "demo", stores.artifacts).git_commit is None

    def git(*words: str) -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        return subprocess.run(
            ["git", "-C", str(project), *identity, *words], check=True, capture_output=True, text=True
        ).stdout.strip()

    git("init", "-q")
    assert snapshot_code(project / "pipeline.py", "demo", stores.artifacts).git_commit is None
    git("add", "pipeline.py", "deep", "contract.yaml")
    (project / ".gitignore").write_text("*\n")
    git("commit", "-q", "-m", "first")
    clean = snapshot_code(project / "pipeline.py", "demo", stores.artifacts)
    assert (clean.git_commit, clean.git_dirty) == (git("rev-parse", "HEAD"), False)
    (project / "pipeline.py").write_text("x = 2\n")
    assert snapshot_code(project / "pipeline.py", "demo", stores.artifacts).git_dirty is True


def test_too_much_source_is_refused_with_advice(project: Path, stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "MAX_FILES", 2)
    with pytest.raises(InvalidInputError, match="holds more source than one project should") as caught:
        snapshot_code(project / "pipeline.py", "demo", stores.artifacts)
    assert caught.value.hint == "Move pipeline.py and its helpers into a folder of their own."


def test_link_out_of_the_project_is_not_followed(project: Path, stores: Stores, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "private.py").write_text("x = 1\n")
    (project / "linked.py").symlink_to(outside / "private.py")
    (project / "folder").symlink_to(outside)
    assert not {"linked.py", "folder/private.py"} & set(
        names(snapshot_code(project / "pipeline.py", "demo", stores.artifacts), stores)
    )


def test_link_to_a_file_of_the_project_is_kept(project: Path, stores: Stores) -> None:
    (project / "again.py").symlink_to(project / "pipeline.py")
    assert names(snapshot_code(project / "pipeline.py", "demo", stores.artifacts), stores)["again.py"] == b"x = 1\n"


def test_code_is_kept_where_there_is_no_git(project: Path, stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    record = snapshot_code(project / "pipeline.py", "demo", stores.artifacts)
    assert (record.git_commit, record.git_dirty) == (None, False)


def test_missing_file_and_missing_snapshot_are_errors(project: Path, stores: Stores, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no file"):
        snapshot_code(project / "nothing.py", "demo", stores.artifacts)
    record = snapshot_code(project / "pipeline.py", "demo", stores.artifacts)
    with pytest.raises(NotFoundError, match="was not kept"):
        restore_code(replace(record, snapshot=None), stores.artifacts, tmp_path / "x")


@pytest.mark.parametrize("name", ["../evil.py", "/evil.py"])
def test_archive_that_leads_out_of_the_folder_is_refused(
    project: Path, stores: Stores, tmp_path: Path, name: str
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "x")
    record = snapshot_code(project / "pipeline.py", "demo", stores.artifacts)
    evil = replace(record, snapshot=stores.artifacts.put(buffer.getvalue()))
    with pytest.raises(IntegrityError, match="outside its folder"):
        restore_code(evil, stores.artifacts, tmp_path / "x")
