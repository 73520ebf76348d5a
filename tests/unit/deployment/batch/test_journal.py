from __future__ import annotations

import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.digest import digest_file
from millwright.core.errors import ConflictError, InvalidInputError, StorageError
from millwright.deployment.batch.chunk import Predicted
from millwright.deployment.batch.journal import open_journal, unified
from tiny import forking

if TYPE_CHECKING:
    import subprocess

JOB = {"input": {"identity": "a"}, "model": {"ref": "delay@1"}}


def done(index, good=2, bad=0) -> Predicted:
    return Predicted(
        index=index,
        good=pl.DataFrame({"id": [index] * good}),
        bad=pl.DataFrame({"id": [-index] * bad}),
        reasons={"wrong": bad} if bad else {},
    )


def leave(folder, *parts: Predicted, job=None, ends=False):
    """A run that breaks off behind some parts, for a reason that passes."""
    with pytest.raises(StorageError), open_journal(folder, job or JOB) as journal:  # noqa: PT012
        for part in parts:
            journal.add(part)
        if ends:
            journal.end(len(parts))
        raise StorageError("the network is away")
    return journal.job_id


def test_parts_are_there_again_in_the_tables_order(tmp_path):
    folder = tmp_path / "j"
    job_id = leave(folder, done(1, bad=1), done(0))
    with open_journal(folder, JOB) as journal:
        assert (journal.job_id, journal.restarted, journal.rows) == (job_id, "", 5)
        assert sorted(journal.parts) == [0, 1]
        assert not journal.is_complete
        assert [frame["id"][0] for frame in journal.frames("good")] == [0, 1]
        assert [frame["id"][0] for frame in journal.frames("bad")] == [-1]
        assert journal.parts[1].reasons == {"wrong": 1}
        journal.add(done(2))
        journal.end(3)
        assert journal.is_complete
    assert list(tmp_path.iterdir()) == []


def test_torn_line_and_what_a_power_cut_took_is_done_again(tmp_path):
    folder = tmp_path / "j"
    leave(folder, done(0), done(1), done(2))
    (folder / "good-00000001.part").write_bytes(b"")
    lines = (folder / "parts.jsonl").read_bytes()
    (folder / "parts.jsonl").write_bytes(lines[:-4])
    leave(folder, done(2, good=7))
    with open_journal(folder, JOB) as journal:
        assert {index: part.rows for index, part in journal.parts.items()} == {0: 2, 2: 7}


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        (JOB | {"input": {"identity": "b"}}, "the input changed"),
        ({"input": {"identity": "b"}, "model": {"ref": "delay@2"}}, "the input and the model changed"),
    ],
)
def test_another_job_begins_anew_and_says_why(tmp_path, job, reason):
    folder = tmp_path / "j"
    former = leave(folder, done(0), ends=True)
    with open_journal(folder, job) as journal:
        assert journal.restarted == reason
        assert journal.job_id != former
        assert (journal.parts, journal.is_complete) == ({}, False)
        assert sorted(path.name for path in folder.iterdir()) == ["job.json", "lock", "parts.jsonl"]


def test_journal_that_cannot_be_read_is_thrown_away(tmp_path):
    folder = tmp_path / "j"
    leave(folder, done(0))
    (folder / "job.json").write_bytes(b"{")
    with open_journal(folder, JOB) as journal:
        assert (journal.restarted, journal.parts) == ("its journal cannot be read", {})


@pytest.mark.parametrize(("is_kept", "left"), [(False, []), (True, ["j"])])
def test_errors_of_the_input_keep_nothing_unless_the_journal_says_so(tmp_path, is_kept, left):
    with pytest.raises(InvalidInputError), open_journal(tmp_path / "j", JOB) as journal:  # noqa: PT012
        journal.add(done(0))
        journal.is_kept = is_kept
        raise InvalidInputError("no table")
    assert [path.name for path in tmp_path.iterdir()] == left


def test_failure_before_the_first_part_leaves_nothing(tmp_path):
    leave(tmp_path / "j")
    assert list(tmp_path.iterdir()) == []


def test_second_process_is_refused(tmp_path):
    with open_journal(tmp_path / "j", JOB), pytest.raises(ConflictError, match="Another process is predicting"):
        open_journal(tmp_path / "j", JOB).__enter__()


def test_folder_that_cannot_be_made_is_told(tmp_path):
    with pytest.raises(InvalidInputError, match="cannot be written"), open_journal(tmp_path / "gone" / "j", JOB):
        pass


def test_frames_get_types_that_hold_all_values(tmp_path):
    frames = [pl.DataFrame({"a": [None]}), pl.DataFrame({"a": [1]}), pl.DataFrame({"a": [1.5]})]
    paths = [tmp_path / str(number) for number in range(3)]
    for frame, path in zip(frames, paths, strict=True):
        frame.write_ipc(path)
    assert pl.concat(unified(paths))["a"].to_list() == [None, 1.0, 1.5]
    pl.DataFrame({"a": [[1]]}).write_ipc(paths[2])
    with pytest.raises(InvalidInputError, match="one type in each column"):
        list(unified(paths))
    assert list(unified([])) == []


def parquet_part(index, value) -> Predicted:
    return Predicted(index=index, good=pl.DataFrame({"id": value}), bad=pl.DataFrame(), reasons={})


def leave_parquet(folder, output, *parts: Predicted, ends=False, seals=False) -> str | None:
    with pytest.raises(StorageError), open_journal(folder, JOB, output) as journal:  # noqa: PT012
        for part in parts:
            journal.add(part)
        if ends:
            journal.end(len(journal.parts))
        moved = journal.move() if seals else None
        raise StorageError("the network is away")
    return moved


def test_predictions_become_the_parquet_file_without_being_written_twice(tmp_path):
    folder, output = tmp_path / "j", tmp_path / "out.parquet"
    leave_parquet(folder, output, parquet_part(1, [3]), parquet_part(0, [1, 2]))
    assert sorted(path.name for path in folder.iterdir()) == ["good.parquet", "job.json", "lock", "parts.jsonl"]
    with (folder / "good.parquet").open("ab") as file:
        file.write(b"of a part that was not done")
    with open_journal(folder, JOB, output) as journal:
        assert sorted(journal.parts) == [0, 1]
        assert pl.concat(journal.frames("good"))["id"].to_list() == [1, 2, 3]
        journal.add(parquet_part(2, [4]))
        journal.end(3)
        digest = journal.move()
    assert pl.read_parquet(output)["id"].to_list() == [1, 2, 3, 4]
    assert digest == digest_file(output)
    assert list(tmp_path.iterdir()) == [output]


def test_output_that_was_there_in_time_is_not_computed_again(tmp_path):
    folder, output = tmp_path / "j", tmp_path / "out.parquet"
    moved = leave_parquet(folder, output, parquet_part(0, [1, 2]), ends=True, seals=True)
    with open_journal(folder, JOB, output) as journal:
        assert journal.is_complete
        assert journal.move() == moved == digest_file(output)
    assert pl.read_parquet(output)["id"].to_list() == [1, 2]


def test_output_that_was_changed_behind_a_killed_run_is_computed_again(tmp_path):
    folder, output = tmp_path / "j", tmp_path / "out.parquet"
    leave_parquet(folder, output, parquet_part(0, [1, 2]), ends=True, seals=True)
    output.write_bytes(b"something else")
    with open_journal(folder, JOB, output) as journal:
        assert (journal.parts, journal.is_complete) == ({}, False)
        journal.add(parquet_part(0, [1, 2]))
        journal.end(1)
        journal.move()
    assert pl.read_parquet(output)["id"].to_list() == [1, 2]


def test_run_killed_between_the_footer_and_the_move_is_gone_on_with(tmp_path):
    folder, output = tmp_path / "j", tmp_path / "out.parquet"
    moved = leave_parquet(folder, output, parquet_part(0, [1, 2]), ends=True, seals=True)
    output.rename(folder / "good.parquet")
    with open_journal(folder, JOB, output) as journal:
        assert journal.is_complete
        assert journal.move() == moved == digest_file(output)


def test_predictions_that_a_power_cut_took_from_the_parquet_file_are_made_again(tmp_path):
    folder, output = tmp_path / "j", tmp_path / "out.parquet"
    leave_parquet(folder, output, *(parquet_part(index, [index] * 9) for index in range(3)), ends=True)
    content = (folder / "good.parquet").read_bytes()
    (folder / "good.parquet").write_bytes(content[:-3] + b"\0\0\0")
    leave_parquet(folder, output)
    leave_parquet(folder, output, parquet_part(2, [2] * 9))
    with open_journal(folder, JOB, output) as journal:
        assert (sorted(journal.parts), journal.is_complete) == ([0, 1, 2], False)
        journal.end(3)
        journal.move()
    assert pl.read_parquet(output)["id"].to_list() == [0] * 9 + [1] * 9 + [2] * 9


def test_parts_of_different_types_have_to_be_written_in_one(tmp_path):
    with open_journal(tmp_path / "j", JOB, tmp_path / "out.parquet") as journal:
        for index, value in enumerate([[None], [1], [1.5]]):
            journal.add(parquet_part(index, value))
        journal.end(3)
        assert journal.move() is None
        assert pl.concat(journal.frames("good"))["id"].to_list() == [None, 1.0, 1.5]


RUN = """
import sys
from pathlib import Path
from millwright.data.sources.request import SourceOptions
from millwright.deployment.batch import BatchOptions, EngineOptions, OutputOptions, predict_table
folder, source, output, workers = sys.argv[1:]
database = source.startswith("sqlite")
options = BatchOptions(
    chunk_rows=8,
    rejected=f"{folder}/{Path(output).stem}.rejected.csv",
    reading=SourceOptions(table="visits" if database else ""),
    writing=OutputOptions(table="answers" if database else "", mode="append" if database else ""),
    engine=EngineOptions(workers=int(workers)),
    journal_folder=folder,
)
print(predict_table(Path(folder, "package").read_bytes(), source, output, model_ref="delay@1", options=options))
"""


@dataclass(frozen=True)
class Place:
    """Where rows come from and go to; `{}` is the output's name."""

    source: str
    output: str
    workers: str = "1"


PLACES = {
    "csv": Place("in.csv", "{}.csv"),
    "parquet": Place("in.parquet", "{}.parquet", "2"),
    "delta": Place("in.parquet", "{}.delta"),
    "database": Place("sqlite:///in.db", "sqlite:///{}.db"),
}


def begin(folder: Path, place: Place, name: str) -> subprocess.Popen[str]:
    words = [place.source, place.output.format(name)]
    words = [word.replace(":///", f":///{folder}/") if "://" in word else str(folder / word) for word in words]
    command = ["-c", RUN, str(folder), *words, place.workers]
    return forking.start(command, cwd=folder)


def written(folder: Path, place: Place, name: str) -> pl.DataFrame:
    output = place.output.format(name)
    if "://" in output:
        from millwright.storage.query import Query, read_query

        return read_query(Query(url=output.replace(":///", f":///{folder}/"), table="answers"), lambda _: None)[0].sort(
            "id"
        )
    read = {".csv": pl.read_csv, ".parquet": pl.read_parquet, ".delta": pl.read_delta}
    return read[Path(output).suffix](str(folder / output)).sort("id")


def killed_once_more(run: subprocess.Popen[str], lines: Path, behind: int, after: float) -> bool:
    """Kill it behind so many lines of its journal and some time; whether it still ran."""
    while run.poll() is None:
        if lines.exists() and lines.read_bytes().count(b"\n") >= behind:
            time.sleep(after)
            run.send_signal(signal.SIGKILL)
            break
        time.sleep(0.002)
    return run.wait() == -signal.SIGKILL


@pytest.mark.parametrize("name", PLACES)
def test_killed_runs_and_one_that_ends_write_what_one_run_writes(tmp_path, package, mixed, name):
    place, moments = PLACES[name], random.Random(name)
    (tmp_path / "package").write_bytes(package)
    mixed.write_csv(tmp_path / "in.csv")
    mixed.write_parquet(tmp_path / "in.parquet")
    from millwright.storage.query_write import Destination, write_rows

    write_rows(Destination(url=f"sqlite:///{tmp_path}/in.db", table="visits"), iter([mixed]), "made")
    whole = begin(tmp_path, place, "whole")
    error = whole.communicate()[1]
    assert whole.returncode == 0, error

    before = set(tmp_path.iterdir())
    for behind in (3, 25, 50):
        run = begin(tmp_path, place, "again")
        assert killed_once_more(run, journal(tmp_path, place), behind, moments.random() / 50)
        run.communicate()
    run = begin(tmp_path, place, "again")
    told, error = run.communicate()
    assert run.returncode == 0, error
    assert "resumed_rows=0" not in told
    assert written(tmp_path, place, "again").equals(written(tmp_path, place, "whole"))
    assert written(tmp_path, place, "again")["id"].to_list() == [n for n in range(1_000) if n % 7]
    rejected = (tmp_path / "whole.rejected.csv").read_bytes()
    assert (tmp_path / "again.rejected.csv").read_bytes() == rejected
    new = set(tmp_path.iterdir()) - before
    assert all(not path.name.startswith(".") for path in new), new


def journal(folder: Path, place: Place) -> Path:
    from millwright.deployment.batch.target import OutputOptions, journal_folder, open_target

    output = place.output.format("again")
    said = output.replace(":///", f":///{folder}/") if "://" in output else str(folder / output)
    options = OutputOptions(table="answers" if "://" in output else "")
    return journal_folder(open_target(said, options), str(folder)) / "parts.jsonl"
