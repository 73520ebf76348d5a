"""Brings `.venv` up to date with one of the lock files, and says what it does; standard library only.

Called by `setup.sh` with the interpreter to use: `setup.py runtime|dev`. A stamp in `.venv` holds the digest of what
was installed, so that a second call does nothing, and a call that was interrupted is done again.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import time
import venv
from pathlib import Path
from subprocess import PIPE, STDOUT

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
LOG = VENV / "setup.log"
QUIETLY = ("--disable-pip-version-check", "--no-input", "--progress-bar", "off")
PACKAGE_LINE = re.compile(r"(?:Collecting |Requirement already satisfied: |Ignoring |Processing \S*/)([A-Za-z0-9_.]+)")
# The developers' lock holds everything that the runtime lock holds, in the same versions.
FULFILLED_BY = {"runtime": ("runtime", "dev"), "dev": ("dev",)}


def fingerprint(kind: str) -> str:
    """What an up-to-date stamp says: lock, project file, place and interpreter."""
    state = hashlib.sha256(f"{ROOT}\0{interpreter()}\0".encode())
    for path in (ROOT / "locks" / f"{kind}.txt", ROOT / "pyproject.toml"):
        state.update(path.read_bytes())
    return state.hexdigest()


def interpreter() -> str:
    """The base interpreter's real path and version; the same from inside and outside of its environments."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    return f"{Path(base).resolve()} {sys.version}"


def up_to_date(kind: str) -> bool:
    """Whether the environment runs and holds what the lock says."""
    wanted = ((VENV / f"{candidate}.stamp", fingerprint(candidate)) for candidate in FULFILLED_BY[kind])
    if not any(stamp.is_file() and stamp.read_text() == text for stamp, text in wanted):
        return False
    return subprocess.run([VENV_PYTHON, "-c", ""], check=False, capture_output=True).returncode == 0


def make_environment() -> None:
    """Make `.venv` anew, unless this very interpreter runs in it."""
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    say(f"Making .venv with Python {sys.version.split()[0]}")
    venv.create(VENV, clear=True, with_pip=True, symlinks=True)


def pip(label: str, *arguments: str, total: int) -> None:
    """Run pip in the environment; one line of progress, everything else into the log."""
    started = time.monotonic()
    command = [VENV_PYTHON, "-m", "pip", "install", *QUIETLY, *arguments]
    done = 0
    with LOG.open("a") as log, subprocess.Popen(command, stdout=PIPE, stderr=STDOUT, text=True) as process:
        for line in process.stdout or ():
            log.write(line)
            if package := PACKAGE_LINE.match(line):
                done += 1
                show(label, done, total, package[1])
            elif line.startswith("Installing collected packages"):
                show(label, total, total, "(unpacking)")
    if process.returncode != 0:
        sys.stderr.write("\n" + "".join(LOG.read_text().splitlines(keepends=True)[-25:]))
        sys.exit(f"{label}: pip failed; its whole output is in {LOG.relative_to(ROOT)}.")
    finish(f"{label}: done in {time.monotonic() - started:.0f} s")


def show(label: str, done: int, total: int, what: str) -> None:
    """A line that overwrites itself on a terminal; elsewhere one line per twenty packages."""
    text = f"{label}: {min(done, total)} of {total} {what}"
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\033[K{text}")
    elif done % 20 == 0:
        sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def finish(text: str) -> None:
    """The last line of a phase, in place of its progress line."""
    sys.stdout.write(f"\r\033[K{text}\n" if sys.stdout.isatty() else f"{text}\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def compile_sources() -> None:
    """Byte code of Millwright itself, as an installation that is not editable gets it.

    Python writes it as it goes, but not where it is told not to (PYTHONDONTWRITEBYTECODE), as images for containers and
    CI often do: every `mw` would compile 500 modules anew then. Takes 0.3 s when nothing changed.
    """
    subprocess.run([VENV_PYTHON, "-m", "compileall", "-q", "-j", "0", str(ROOT / "src")], check=False)


def main() -> None:
    """Make the environment what the lock named on the command line says."""
    install(sys.argv[1])
    compile_sources()


def install(kind: str) -> None:
    """What a lock names and Millwright itself, unless they are there."""
    if up_to_date(kind):
        return
    make_environment()
    LOG.write_text("")
    lock = ROOT / "locks" / f"{kind}.txt"
    total = sum("==" in line for line in lock.read_text().splitlines())
    pip("Installing locked packages", "--require-hashes", "--only-binary=:all:", "-r", str(lock), total=total)
    pip("Installing Millwright", "--no-deps", "--no-build-isolation", "--editable", str(ROOT), total=1)
    (VENV / f"{kind}.stamp").write_text(fingerprint(kind))


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
