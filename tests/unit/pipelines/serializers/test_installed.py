"""Serializers of packages that are installed while a test lasts."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConfigurationError
from millwright.pipelines.serializers.installed import InstalledSerializers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MODULE = """
class Money:
    def __init__(self, cents): self.cents = cents

class MoneySerializer:
    name = "money"
    def handles(self, value_type): return value_type is Money
    def dumps(self, value): return str(value.cents).encode()
    def loads(self, data, annotation): return Money(int(data))

instance = MoneySerializer()

class Nameless(MoneySerializer):
    name = "other"

class NoSerializer:
    name = "nothing"
    def handles(self, value_type): return False
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Installs a package with entry points: `install("package", "name = module:thing")`."""

    def write(package: str, entries: str) -> None:
        info = tmp_path / f"{package}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[millwright.serializers]\n{entries}\n")
        (tmp_path / f"{package}_module.py").write_text(MODULE)
        monkeypatch.setattr(sys, "path", [*(each for each in sys.path if each != str(tmp_path)), str(tmp_path)])
        for name in [each for each in sys.modules if each.endswith("_module") and each.startswith(package)]:
            monkeypatch.delitem(sys.modules, name)
        _forget()

    return write


def _forget() -> None:
    """What entry points there are is asked once per path; a test installs several packages into one."""
    from millwright.core import extension

    extension._found.cache_clear()
    extension._of_group.cache_clear()


def test_serializer_of_a_package_is_found_by_name_and_loaded_only_then(install: Callable[[str, str], None]) -> None:
    install("purse", "money = purse_module:MoneySerializer")
    installed = InstalledSerializers({"json"})
    assert installed.find("other") is None
    assert "purse_module" not in sys.modules
    found = installed.find("money")
    assert found is not None
    assert found is installed.find("money")
    assert [each.name for each in installed.iter()] == ["money"]


@pytest.mark.parametrize("thing", ["MoneySerializer", "instance"])
def test_entry_names_a_class_or_an_instance(install: Callable[[str, str], None], thing: str) -> None:
    install("purse", f"money = purse_module:{thing}")
    found = InstalledSerializers(()).find("money")
    assert found is not None
    assert type(found).__name__ == "MoneySerializer"


def test_broken_package_is_left_out_with_a_warning(
    install: Callable[[str, str], None], caplog: pytest.LogCaptureFixture
) -> None:
    install("purse", "money = purse_module:MoneySerializer\nbroken = purse_gone:Thing\nwrong = purse_module:Nameless\n"
            "nothing = purse_module:NoSerializer")  # fmt: skip
    installed = InstalledSerializers(())
    with caplog.at_level(logging.WARNING):
        assert [each.name for each in installed.iter()] == ["money"]
        assert [each.name for each in installed.iter()] == ["money"]
    assert {name: text.partition(":")[0] for name, text in installed.broken.items()} == {
        "broken": "ModuleNotFoundError", "wrong": "TypeError", "nothing": "TypeError",
    }  # fmt: skip
    texts = [record.getMessage() for record in caplog.records]
    assert len(texts) == 3  # once each
    assert "The serializer 'broken' (purse_gone:Thing of purse) cannot be used: ModuleNotFoundError" in texts[0]
    assert "it calls itself 'other'" in texts[2]


def test_two_packages_with_one_name_are_refused(install: Callable[[str, str], None]) -> None:
    install("purse", "money = purse_module:MoneySerializer")
    install("wallet", "money = wallet_module:MoneySerializer")
    with pytest.raises(ConfigurationError, match=r"found (purse|wallet)_module:.* and (purse|wallet)_module:"):
        InstalledSerializers(()).find("money")


def test_package_with_a_built_in_name_is_refused(install: Callable[[str, str], None]) -> None:
    install("purse", "polars = purse_module:MoneySerializer")
    with pytest.raises(ConfigurationError, match="one that is built in, and purse_module:MoneySerializer of purse"):
        list(InstalledSerializers({"polars"}).iter())


SCRIPT = """
import sys, polars as pl
from millwright.core.extension import _found
from millwright.pipelines.serializers import ValueTypes
for kind in (pl.DataFrame, dict, list, int, str, bytes, type(None)):
    ValueTypes().serializer_for(kind)
print(_found.cache_info().currsize, [name for name in ("torch", "scipy", "pickled") if any(
    name in each.split(".") for each in sys.modules)])
"""


def test_built_in_types_need_no_look_at_installed_packages() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0 []"
