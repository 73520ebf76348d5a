"""A Python class, packaged with its file and its artifacts, and registered."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from delay_function import DaysByCrew

import millwright as mw
from millwright.core.errors import UnsafeArtifactError
from millwright.models.adoption import adopt
from millwright.models.function import PythonFunction
from millwright.models.package import PackageLoader
from millwright.registry.packaged import register_model

Path("kept").mkdir(exist_ok=True)
Path("kept/days.json").write_text('{"north": 2.5, "south": 3.0}', encoding="utf-8")
rows = pl.DataFrame({"crew": ["north", "south", "west"], "floors": [3, 5, 2]})

# --8<-- [start:register]
function = PythonFunction(model=DaysByCrew, artifacts="kept", params={"otherwise": 4.0}, packages=("polars",))
model = adopt(function, rows, target="days")
with mw.Workspace.open() as workspace:
    version = register_model(model, "days", sample=rows, registry=workspace.registry, stores=workspace.stores)
    package = workspace.stores.artifacts.get(version.stored_package())
# --8<-- [end:register]

assert (version.flavor, version.compilation["status"]) == ("python", "native")
try:
    PackageLoader().predictor(package)
except UnsafeArtifactError as error:
    print(error)
else:
    raise AssertionError("code was run")
predictor = PackageLoader(allow_code=True).predictor(package)
assert predictor.predict_rows([{"crew": "east", "floors": 2}]) == [{"prediction": 8.0}]
