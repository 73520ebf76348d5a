"""Every module with something in it has its test file, in the mirrored place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from house.source import PACKAGE, ROOT, Module, hold, modules

if TYPE_CHECKING:
    from pathlib import Path

WORTH_A_TEST = 20  # code lines


def test_module_of_20_code_lines_has_its_test_file() -> None:
    breaches = {}
    for module in modules():
        places = _places(module)
        worth_a_test = module.code_lines >= WORTH_A_TEST and module.has_behaviour
        if worth_a_test and not any(place.is_file() for place in places):
            breaches[module.name] = f"{module.code_lines} lines of code and no {places[0].relative_to(ROOT)}"
    hold("mirrored tests", breaches)


def test_test_file_mirrors_a_module_that_exists() -> None:
    expected = {place for module in modules() for place in _places(module)}
    unit = ROOT / "tests" / "unit"
    found = set(unit.rglob("test_*.py"))
    hold("orphaned tests", {str(path.relative_to(ROOT)): "no such module" for path in sorted(found - expected)})


def _places(module: Module) -> list[Path]:
    """Where a module's tests may be; the first is named when there is none.

    An interface and its back-ends are tested by the conformance suites in `tests/contracts`, too, and the suites by
    running them there.
    """
    relative = module.path.relative_to(PACKAGE)
    stem = "init" if relative.stem == "__init__" else relative.stem.lstrip("_")
    places = [ROOT / "tests" / "unit" / relative.parent / f"test_{stem}.py"]
    conforms = {"base", "backends"} & set(relative.parts[1:2]) if module.room == "storage" else module.room == "testing"
    if conforms:
        places.append(ROOT / "tests" / "contracts" / f"test_{stem}.py")
    return places
