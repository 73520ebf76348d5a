"""Notices what a step reads behind its cache key's back: files that it does not declare, modules that were not seen.

    with Watch("train", project_dir=folder, modules=keys.modules, declared=paths, ignored=stores) as watch:
        ...  # the step's function
    watch.findings  # sentences for people; `unseen` has what was read in few words, for the record

Python tells each file that it opens to audit hooks; ours, one per process, costs 0.1 µs an event while no watch is on.

Not seen: what code in other languages opens by itself (Polars, Arrow and DuckDB read files so), unless the step's code
names the file; what other processes read; the network; environment variables; modules that were loaded before. What
Millwright reads for a step on purpose outside its key, see `own_reading`, is no finding.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from millwright.core.errors import InvalidInputError
from millwright.pipelines.fingerprint.origin import Origin, origin_of_file, origin_of_module
from millwright.pipelines.label import module_label
from millwright.pipelines.own_reading import is_own_reading

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from types import TracebackType

UNSEEN = "not_seen"  # the fact of a step's record that names what its key does not see
_EVENTS = frozenset({"open", "sqlite3.connect"})
_MOST_FILES = 10_000
_MOST_TOLD = 20
_TICK_NS = 20_000_000  # file systems stamp files with a clock that lags by up to this much
_CODE = (".py", ".pyc", ".pyi", ".pyo", ".so", ".pyd", ".dll", ".dylib")
# Read by Millwright and other tools for settings that are in no key on purpose.
_SETTINGS = frozenset({"millwright.toml", "pyproject.toml"})
_SYSTEM = (
    *("/proc/", "/sys/", "/dev/", "/etc/", "/usr/", "/lib", "/bin/", "/sbin/", "/run/", "/System/", "/Library/"),
    *("/var/tmp/", "/var/cache/", "/var/run/", "/var/log/", "/var/folders/"),  # noqa: S108 - left out, not written to
)

_lock = threading.Lock()
_watches: list[Watch] = []
_of_thread: dict[int, Watch] = {}
_is_installed = False


class Watch:
    """Watches one execution of one step.

    What other threads open counts, too, unless another watch is on in this process: then nothing tells whose they are.

    Args:
        step: The step's name, for sentences.
        project_dir: What lies in it is the project's; relative paths are shown from here.
        modules: The project's modules that fingerprints have seen, see `KeyMaker.modules`.
        declared: Files and folders that the step may read: its external inputs.
        ignored: Folders that are nobody's input, such as the workspace's stores.
        named: Files that the step's code names where it reads, see `KeyMaker.named_files`: taken as read.
        strict: Whether findings are an error at the end of a context that ended well.
    """

    def __init__(
        self,
        step: str,
        *,
        project_dir: Path,
        modules: Collection[str] = frozenset(),
        declared: Iterable[Path] = (),
        ignored: Iterable[Path] = (),
        named: Iterable[Path] = (),
        strict: bool = False,
    ) -> None:
        self._step = step
        # As they are called from here; links are followed when something was read, which most steps don't.
        self._project = os.path.abspath(project_dir)  # noqa: PTH100 - as in `opened`
        self._modules = modules
        self._passed = tuple(os.path.abspath(each) for each in (*declared, *ignored))  # noqa: PTH100 - as above
        self._strict = strict
        self._read = {os.path.abspath(each): None for each in named}  # noqa: PTH100 - as in `opened`
        self._named = frozenset(self._read)  # folders may be among them
        self._written: set[str] = set()
        self._loaded: tuple[str, ...] = ()
        self._outer: Watch | None = None
        self._began_ns = 0
        self.findings: tuple[str, ...] = ()
        self.unseen: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        _install()
        self._loaded = _loaded_modules()
        self._began_ns = time.time_ns() - _TICK_NS
        with _lock:
            self._outer = _of_thread.get(threading.get_ident())
            _of_thread[threading.get_ident()] = self
            _watches.append(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _lock:
            _watches.remove(self)
            if self._outer is None:
                _of_thread.pop(threading.get_ident(), None)
            else:
                _of_thread[threading.get_ident()] = self._outer
        told = [*self._file_findings(), *self._module_findings()]
        self.unseen = tuple(what.partition(",")[0].partition(" by a name")[0] for what, _ in told)
        self.findings = tuple(f"Step '{self._step}' {what}: {advice}" for what, advice in told)
        if self._strict and told and kind is None:
            listed = "; it ".join(what for what, _ in told)
            raise InvalidInputError(
                f"Step '{self._step}' depends on what its cache key does not see: it {listed}.",
                hint=f"Strict runs don't allow it: {told[0][1]}",
                details={"step": self._step, "findings": list(self.findings)},
            )

    def opened(self, path: str, *, reads: bool) -> None:
        """A file is about to be opened.

        Args:
            path: As it was given, relative or absolute.
            reads: Whether for reading.
        """
        if path.endswith(_CODE) or len(self._read) >= _MOST_FILES:
            return
        whole = os.path.abspath(path)  # noqa: PTH100 - Path is slower, and this is done for each file that is opened
        if not reads:
            self._written.add(whole)
        elif whole not in self._written:
            self._read[whole] = None

    def _file_findings(self) -> Iterator[tuple[str, str]]:
        if not self._read:
            return
        project, passed = os.path.realpath(self._project), [os.path.realpath(each) for each in self._passed]
        found = [shown for path in self._read if (shown := self._undeclared(path, project, passed))]
        for shown in found[:_MOST_TOLD]:
            advice = f"hand it in as mw.external({shown!r})."
            yield f"read {shown}, which its cache key does not know", advice
        if len(found) > _MOST_TOLD:
            more = len(found) - _MOST_TOLD
            yield f"read {more} more files that its cache key does not know", "hand their folder in as mw.external(…)."

    def _undeclared(self, path: str, project: str, passed: list[str]) -> str:
        """How to call a file that the step should have declared; empty for others.

        Args:
            path: The file.
            project: The project's folder, links followed.
            passed: What may be read.
        """
        try:
            real = os.path.realpath(path)
            told = os.stat(real)  # noqa: PTH116 - as above
        except (OSError, ValueError):
            return ""
        is_own = told.st_mtime_ns >= self._began_ns  # written by the step itself, in a way that Python did not see
        is_file = os.path.isfile(real) or path in self._named  # noqa: PTH113
        if is_own or not is_file or any(_is_in(real, each) for each in passed):
            return ""
        if _is_in(real, project):
            inside = Path(real).relative_to(project)
            return "" if _is_hidden(inside) or inside.name in _SETTINGS or _is_installed_file(real) else str(inside)
        return "" if _is_of_the_system(real) else real

    def _module_findings(self) -> Iterator[tuple[str, str]]:
        loaded = _loaded_modules()
        # Most steps load nothing, which is told much faster so than by sets of thousands.
        for name in sorted(set(loaded) - set(self._loaded)) if loaded is not self._loaded else ():
            has_file = isinstance(getattr(sys.modules.get(name), "__file__", None), str)
            # The program itself: `import multiprocessing`, as many libraries do, gives it this second name.
            is_program = name == "__mp_main__"
            if is_program or not has_file or origin_of_module(name) is not Origin.PROJECT:
                continue
            label = module_label(name)  # what was seen is found out only now: libraries load more of themselves
            if label in self._modules:
                continue
            if not any(known.startswith(f"{label}.") for known in self._modules):
                told = f"imported {label} by a name made at run time, and its cache key does not see that module"
                yield told, "import it by its name."


_last_loaded: tuple[str, ...] = ()


def _loaded_modules() -> tuple[str, ...]:
    """The names of the loaded modules: the same object as the last time unless the table of modules has changed.

    What is loaded comes last there, so that the number of names and the last one tell: no step that loads nothing goes
    through thousands of names that the processor has forgotten since.
    """
    global _last_loaded  # noqa: PLW0603 - a process has one table of modules
    known = _last_loaded
    if len(known) != len(sys.modules) or next(reversed(sys.modules), None) != known[-1]:
        known = _last_loaded = tuple(sys.modules)
    return known


def _install() -> None:
    global _is_installed  # noqa: PLW0603 - hooks are the process's, and cannot be taken away again
    with _lock:
        if not _is_installed:
            _is_installed = True
            sys.addaudithook(_hear)


def _hear(event: str, args: tuple[Any, ...]) -> None:
    if not _watches or event not in _EVENTS:
        return
    watch = _of_thread.get(threading.get_ident()) or (_watches[0] if len(_watches) == 1 else None)
    if watch is None or is_own_reading():
        return
    if isinstance(args[0], str | bytes | os.PathLike):  # a number is a file that is open already
        watch.opened(os.fsdecode(args[0]), reads=event != "open" or _is_reading(*args[1:3]))


def _is_reading(mode: Any, flags: Any) -> bool:
    if isinstance(mode, str):
        return "r" in mode or mode.startswith("a+")
    if not isinstance(flags, int) or flags & (os.O_TRUNC | os.O_EXCL | getattr(os, "O_DIRECTORY", 0)):
        return False
    return flags & (os.O_RDONLY | os.O_WRONLY | os.O_RDWR) != os.O_WRONLY


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _is_hidden(path: Path) -> bool:
    """Whether a file lies in a folder of tools; `.env` and the like are files that a step may well depend on."""
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts[:-1])


def _is_installed_file(path: str) -> bool:
    return origin_of_file(path) is not Origin.PROJECT or any(_is_in(path, each) for each in _prefixes())


def _is_of_the_system(path: str) -> bool:
    home = os.path.expanduser("~")  # noqa: PTH111 - as above
    hidden = _is_hidden(Path(path).relative_to(home)) if _is_in(path, home) else False
    return hidden or path.startswith(_SYSTEM) or _is_in(path, _temp()) or _is_installed_file(path)


@lru_cache(maxsize=1)
def _temp() -> str:
    return os.path.realpath(tempfile.gettempdir())


@lru_cache(maxsize=1)
def _prefixes() -> tuple[str, ...]:
    return tuple({os.path.realpath(each) for each in (sys.prefix, sys.base_prefix, sys.exec_prefix)})
