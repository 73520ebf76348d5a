"""What DVC does with a table of a million rows of 20 columns; run by an interpreter that has `dvc` in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from talk import talk


class Works:
    """The works, by name."""

    def __init__(self, folder: Path) -> None:
        self.repository = folder / "dvc"
        self.repository.mkdir(exist_ok=True)
        self._dvc("init", "--no-scm", "--force", "--quiet")

    def versions(self) -> dict[str, Any]:
        """What is measured."""
        import dvc

        return {"dvc": dvc.__version__}

    def commit(self, table: str) -> dict[str, Any]:
        """Keep a file's content as the next version; seconds of the process, bytes the cache grew by."""
        before = self._size()
        shutil.copyfile(table, self.repository / "table.parquet")
        begun = time.perf_counter()
        self._dvc("add", "--quiet", "table.parquet")
        return {"seconds": time.perf_counter() - begun, "bytes": self._size() - before}

    def _dvc(self, *arguments: str) -> None:
        subprocess.run([sys.executable, "-m", "dvc", *arguments], cwd=self.repository, check=True)

    def _size(self) -> int:
        cache = self.repository / ".dvc" / "cache"
        return sum(each.stat().st_size for each in cache.rglob("*") if each.is_file())


if __name__ == "__main__":
    talk(Works(Path(sys.argv[1])))
