from __future__ import annotations

import ast
from pathlib import Path

import pytest

from millwright.pipelines.fingerprint.reading import named_files

NAMESPACE = {"HERE": Path("/project"), "NAME": "data.csv", "LIMIT": 3}


@pytest.mark.parametrize(
    ("call", "files"),
    [
        ("pl.read_csv('data.csv')", ["data.csv"]),
        ("pl.scan_parquet(NAME)", ["data.csv"]),
        ("pl.read_csv(source='data.csv')", ["data.csv"]),
        ("pq.ParquetFile(HERE / 'a.parquet')", ["/project/a.parquet"]),
        ("ds.dataset(str(HERE / 'deep' / NAME))", ["/project/deep/data.csv"]),
        ("np.load(Path('a.npy'))", ["a.npy"]),
        ("read_table('a.parquet')", ["a.parquet"]),
        ("duckdb.connect('a.db').sql('select 1')", ["a.db"]),
        ("frame.write_csv('out.csv')", []),
        ("pl.read_csv(LIMIT)", []),
        ("pl.read_csv(f'{x}.csv')", []),
        ("pl.read_csv(local)", []),
        ("json.loads('1')", []),
        ("pl.read_csv()", []),
        ("ready('data.csv')", []),
        ("functions[0]('data.csv')", []),
    ],
)
def test_files_that_reading_functions_are_given_are_found(call: str, files: list[str]) -> None:
    assert list(named_files(ast.parse(f"def f(x):\n    return {call}"), NAMESPACE)) == files
