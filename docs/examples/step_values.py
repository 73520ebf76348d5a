"""Values between steps: arrays under names, folders of files, and a type of one's own as JSON."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

import millwright as mw


# --8<-- [start:plain]
@dataclass(frozen=True)
class Season:
    name: str
    first: date
    holidays: frozenset[date]


@mw.step
def season() -> Season:
    return Season("winter", date(2026, 12, 1), frozenset({date(2026, 12, 25)}))


# --8<-- [end:plain]


# --8<-- [start:arrays]
@mw.step
def windows(season: Season) -> dict[str, np.ndarray]:
    days = np.arange(np.datetime64(season.first, "D"), np.datetime64("2027-01-01"))
    return {"days": days, "is_holiday": np.isin(days, np.array(sorted(season.holidays), dtype="datetime64[D]"))}


# --8<-- [end:arrays]


# --8<-- [start:folder]
@mw.step
def pages(windows: dict[str, np.ndarray]) -> mw.Folder:
    folder = mw.Folder.new()
    for day, is_holiday in zip(windows["days"], windows["is_holiday"], strict=True):
        (folder / f"{day}.txt").write_text("closed" if is_holiday else "open", encoding="utf-8")
    return folder


@mw.step
def index(pages: mw.Folder) -> pl.DataFrame:
    texts = [(pages / name).read_text(encoding="utf-8") for name in pages.files]
    return pl.DataFrame({"page": pages.files, "text": texts})


# --8<-- [end:folder]


@mw.pipeline
def calendar() -> None:
    index(pages(windows(season())))


if __name__ == "__main__":
    subprocess.run([str(Path(sys.executable).with_name("mw")), "run", __file__], check=True)
