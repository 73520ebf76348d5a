from __future__ import annotations

import os

from millwright.core.records.schedule import TriggerKind, TriggerRecord
from millwright.workspace.worker.code import CodeWatch, state_of
from millwright.workspace.worker.target import launch_target
from tiny.queue_world import NOW


def trigger(target) -> TriggerRecord:
    return TriggerRecord(name="t", kind=TriggerKind.CODE, subject="", target=target, created_at=NOW, created_by="ada")


def test_digest_is_read_again_only_when_a_file_changed(workspace):
    target = launch_target("pipeline.py", {}, artifacts=workspace.stores.artifacts)
    watch, file = CodeWatch(workspace.folder), workspace.folder / "pipeline.py"
    first = watch.digest_of(trigger(target))
    assert first is not None
    assert len(first) == 64
    before = file.stat()
    file.write_bytes(b"#" * before.st_size)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert watch.digest_of(trigger(target)) == first  # nothing was read: neither time nor size changed
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert watch.digest_of(trigger(target)) is None  # it holds no pipeline any more


def test_code_that_is_not_on_this_machine_has_no_digest(workspace):
    target = launch_target("pipeline.py", {}, artifacts=workspace.stores.artifacts)
    (workspace.folder / "pipeline.py").unlink()
    assert CodeWatch(workspace.folder).digest_of(trigger(target)) is None


def test_state_of_a_folder_changes_with_its_python_files(tmp_path):
    (tmp_path / "a.py").write_text("1")
    first = state_of(tmp_path)
    for ignored in ("b.txt", "__pycache__/c.py", ".hidden/d.py", "venv/e.py"):
        (tmp_path / ignored).parent.mkdir(exist_ok=True)
        (tmp_path / ignored).write_text("x")
    assert state_of(tmp_path) == first
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "f.py").write_text("x")
    assert state_of(tmp_path) != first
