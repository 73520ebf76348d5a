"""Airflow: `python airflow_driver.py WORK SEED HOME`; what `airflow dags test` does, in a database of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HOME = Path(sys.argv[3])
os.environ |= {
    "AIRFLOW_HOME": str(HOME),
    "AIRFLOW__CORE__DAGS_FOLDER": str(HOME / "dags"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
    "AIRFLOW__CORE__MAX_MAP_LENGTH": "2000",
    "AIRFLOW__CORE__ALLOWED_DESERIALIZATION_CLASSES": ".*",
}


def main() -> None:
    """Run one of the graphs; the database is made beforehand, by the work `set-up`."""
    work, seed = sys.argv[1], int(sys.argv[2])
    if work == "set-up":
        (HOME / "dags").mkdir()
        for name in ("works.py", "airflow_dags.py"):
            shutil.copyfile(Path(__file__).with_name(name), HOME / "dags" / name)
        for command in ("db migrate", "dags reserialize"):
            subprocess.run([sys.executable, "-m", "airflow", *command.split()], check=True, stdout=subprocess.DEVNULL)
        return
    import airflow_dags
    import works

    os.environ["BENCH_OUT"] = str(HOME / "out")
    dag = airflow_dags.chain if work == "chain" else airflow_dags.mapped
    begun = time.perf_counter()
    run = dag.test(run_conf={"seed": seed})
    took = time.perf_counter() - begun
    assert run.state == "success", run.state
    works.tell(took, float((HOME / "out").read_text()))


main()
