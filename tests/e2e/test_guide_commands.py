"""The commands that the guides on data show run in their order, and say what the guides say.

Each guide has a workspace of its own. What a guide takes for granted (files, datasets, a month that has passed) is made
by its preparation: before the first command, or before the one that it names. Commands that need a broker or a server
are left out.
"""

from __future__ import annotations

import re
import shlex
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from e2e.workplace import Workplace
from millwright.core.records.dataset import DatasetKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Preparation = Mapping[str, Callable[[Workplace], object]]

DOCS = Path(__file__).parents[2] / "docs"
ELSEWHERE = ("kafka://", "curl ")
CONTRACT = """\
name: schedules
columns:
  phase: {type: category, nullable: false}
  cost: {type: number, min: 0}
"""


def shown(guide: str) -> list[tuple[str, list[str]]]:
    """Each command of a guide, with the lines ✓ and Error that the guide shows behind it."""
    text = (DOCS / "guides" / f"{guide}.md").read_text(encoding="utf-8")
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith(("$ ", "mw ")):
                found.append((line.removeprefix("$ "), []))
            elif line.startswith(("✓", "Error:")):
                found[-1][1].append(line)
    return [(command, lines) for command, lines in found if not any(word in command for word in ELSEWHERE)]


def write(workplace: Workplace, name: str, **columns: list[object]) -> None:
    """A version of a dataset."""
    with workplace.open() as workspace:
        workspace.datasets.write(pl.DataFrame(columns), name, kind=DatasetKind.TABLE)


def text(workplace: Workplace, name: str, content: str) -> None:
    """A text file."""
    path = workplace.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def months(workplace: Workplace) -> None:
    text(workplace, "costs/2026-01.csv", "site,cost,day\nnorth,1,3\nsouth,2,4\n")


def other_columns(workplace: Workplace) -> None:
    text(workplace, "costs/2026-03.csv", "place,day\nnorth,3\n")


def shop(workplace: Workplace) -> None:
    frame = pl.DataFrame({"id": [1, 2], "changed": [10, 20], "price": [1.0, 2.0]})
    frame.write_database("orders", f"sqlite:///{workplace.folder}/shop.db", if_table_exists="replace", engine="adbc")


def shop_later(workplace: Workplace) -> None:
    frame = pl.DataFrame({"id": [1, 2, 3], "changed": [10, 30, 40], "price": [1.0, 2.5, 3.0]})
    frame.write_database("orders", f"sqlite:///{workplace.folder}/shop.db", if_table_exists="replace", engine="adbc")


def theirs_later(workplace: Workplace) -> None:
    import deltalake

    deltalake.DeltaTable(str(workplace.folder / "theirs")).delete("id = 2")


def schedules(workplace: Workplace) -> None:
    for number in range(3):
        write(workplace, "schedules", phase=["design", "build"], building=["K1", "M7"], days=[number, 3])
    write(workplace, "buildings", building=["K1", "M7"], borough=["Brooklyn", "Manhattan"])
    text(workplace, "late.sql", "SELECT phase, borough FROM schedules JOIN buildings USING (building) WHERE days > 2")


def told(workplace: Workplace) -> None:
    page = (DOCS / "guides" / "openlineage.md").read_text(encoding="utf-8")
    found = re.search(r"```toml title=.*?\n(.*?)```", page, flags=re.DOTALL)
    assert found is not None
    # Nobody is there to receive what the guide sends.
    text(workplace, "millwright.toml", found[1].replace("https://lineage.example.com", "http://127.0.0.1:9"))
    text(workplace, "visits.csv", "load,late\n1,0\n")
    body = 'mw.steps.ingest(source, dataset="visits")'
    annotated = "source: Annotated[str, mw.External()]"
    imports = "from typing import Annotated\n\nimport millwright as mw"
    text(workplace, "pipeline.py", f"{imports}\n\n\n@mw.pipeline\ndef delays({annotated}) -> None:\n    {body}\n")


def alone(workplace: Workplace) -> None:
    page = (DOCS / "guides" / "worker.md").read_text(encoding="utf-8")
    text(workplace, "pipeline.py", "\n\n".join(re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)))


def online(workplace: Workplace) -> None:
    page = (DOCS / "guides" / "online.md").read_text(encoding="utf-8")
    found = re.search(r'```python title="features.py"\n(.*?)```', page, flags=re.DOTALL)
    assert found is not None
    text(workplace, "features.py", found[1])
    day = datetime(2026, 3, 1, tzinfo=UTC)
    write(
        workplace, "phases", site=["north", "north", "south"], known_at=[day, day + timedelta(days=9), day],
        mean_late=[1.0, 2.5, 0.0], phases=[2, 3, 1],
    )  # fmt: skip
    now = datetime.now(UTC)
    row = {"site": ["north", "north", "south"], "at": [now - timedelta(hours=hours) for hours in (30, 2, 5)]}
    rows = row | {"id": ["a", "b", "c"], "cost": [50.0, 150.0, 7.0], "who": ["bo", "ann", "cy"]}
    write(workplace, "visits", **rows)
    pl.DataFrame(rows).head(1).with_columns(id=pl.lit("d"), at=pl.lit(now)).write_parquet(
        workplace.folder / "new.parquet"
    )


def features(workplace: Workplace) -> None:
    shutil.copyfile(DOCS / "examples" / "building_features.py", workplace.folder / "features.py")
    day = datetime(2026, 1, 12, tzinfo=UTC)
    write(workplace, "phases", building=["K1", "M7"], recorded=[day, day], late=[4, 0])


def profiled(workplace: Workplace) -> None:
    for budget in (1.0, 2.0):
        columns = {"Project Type": ["roof", "boiler"], "Project Budget Amount": [budget, 7.0]}
        write(workplace, "schedules", **columns)
        pl.DataFrame(columns).write_csv(workplace.folder / "schedules.csv")


def photos(workplace: Workplace) -> None:
    text(workplace, "photos/a.jpg", "a")


def more_photos(workplace: Workplace) -> None:
    text(workplace, "photos/b.jpg", "b")
    workplace.mw("data", "add", "photos", "--files", "--name", "photos")


def activities(workplace: Workplace) -> None:
    text(workplace, "activities.csv", "phase,cost\n" + "design,5\nbuild,7\n" * 20)


def published(workplace: Workplace) -> None:
    text(workplace, "contract.yaml", CONTRACT)
    workplace.mw("data", "contract", "publish", "contract.yaml", "--owner", "site-team")
    text(workplace, "contract.yaml", CONTRACT + "  days: {type: integer, required: false}\n")


def broken_rows(workplace: Workplace) -> None:
    text(workplace, "schedules.csv", "phase,cost\n" + "design,5\n" * 20 + "build,$7\nbuild,x\n")
    workplace.mw("data", "add", "schedules.csv", "--name", "schedules")
    workplace.mw("data", "validate", "schedules", "--contract", "schedules", "--quarantine")


def theirs(workplace: Workplace) -> None:
    pl.DataFrame({"id": [1, 2, 3], "price": [1, 2, 3]}).write_delta(workplace.folder / "theirs")


# Guide → the beginning of a command (with a number from the second time on) → what is made before it.
PREPARATIONS: dict[str, Preparation] = {
    "sources": {
        "mw data add costs/2026-01.csv": months,
        "mw data add costs --name": other_columns,
        "mw data add 'costs/*.csv'": lambda workplace: (workplace.folder / "costs/2026-03.csv").unlink(),
        "mw data add 'costs/*.csv' #2": lambda workplace: text(
            workplace, "costs/2026-02.csv", "site,cost,day\nnorth,9,1\n"
        ),
        "mw data add sqlite:///shop.db": shop,
        "mw data add sqlite:///shop.db #2": shop_later,
        "mw data add theirs": theirs,
        "mw data add theirs #2": theirs_later,
    },
    "worker": {"mw run pipeline.py:visits": alone},
    "engines": {"mw data transform schedules@3": schedules},
    "openlineage": {"mw run": told},
    "online": {"mw features apply": online},
    "features": {"mw features apply": features},
    "profile": {"mw data profile": profiled},
    "files": {"mw data add": photos, "mw data files photos@2": more_photos},
    "contract": {
        "mw data contract infer": activities,
        "mw data contract publish": published,
        "mw data quarantine list": broken_rows,
    },
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("guide", PREPARATIONS)
def test_commands_of_a_guide_run_in_their_order(guide: str, tmp_path: Path) -> None:
    workplace = Workplace(tmp_path)
    commands = shown(guide)
    left = dict(PREPARATIONS[guide])
    times: dict[str, int] = {}
    assert commands
    for command, lines in commands:
        for start in PREPARATIONS[guide]:
            if " #" not in start and command.startswith(start):
                times[start] = times.get(start, 0) + 1
                prepare = left.pop(start if times[start] == 1 else f"{start} #{times[start]}", None)
                if prepare is not None:
                    prepare(workplace)
        fails = any(line.startswith("Error:") for line in lines)
        done = workplace.mw(*shlex.split(command, comments=True)[1:], code=None)
        assert bool(done.code) is fails, f"{command}: {done.err}"
        said = " ".join((done.out + done.err).split())
        for line in lines:
            assert " ".join(line.split()) in said, f"{command}: {said}"
    assert not left
