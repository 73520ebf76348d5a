"""What Great Expectations does with a million rows of 20 columns and 20 checks; run by an interpreter that has it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from talk import talk


class Works:
    """The works, by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def versions(self) -> dict[str, Any]:
        """What is measured."""
        import great_expectations

        return {"great_expectations": great_expectations.__version__}

    def validate(self, table: str) -> dict[str, Any]:
        """Ten columns without missing values, and each of ten numbers within bounds."""
        import great_expectations as gx
        import pandas as pd

        frame = pd.read_parquet(table)
        context = gx.get_context(mode="ephemeral")
        batch = (
            context.data_sources.add_pandas(f"bench{time.monotonic_ns()}")
            .add_dataframe_asset("table")
            .add_batch_definition_whole_dataframe("whole")
            .get_batch({"dataframe": frame})
        )
        suite = gx.ExpectationSuite(name="checks")
        for number in range(10):
            name = f"n{number}"
            suite.add_expectation(gx.expectations.ExpectColumnValuesToNotBeNull(column=name))
            suite.add_expectation(
                gx.expectations.ExpectColumnValuesToBeBetween(column=name, min_value=-4.0, max_value=4.0)
            )
        begun = time.perf_counter(), time.process_time()
        result = batch.validate(suite)
        took = time.perf_counter() - begun[0], time.process_time() - begun[1]
        failed = sum(each.result.get("unexpected_count", 0) for each in result.results)
        return {"seconds": took[0], "cpu": took[1], "failed": int(failed)}


if __name__ == "__main__":
    talk(Works(Path(sys.argv[1])))
