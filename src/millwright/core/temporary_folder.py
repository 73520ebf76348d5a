"""Temporary folders that say whose they are, so that those of killed processes are found and removed."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.process import current_owner, is_dead

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BEGINNING = "millwright-"
_SIGN = "~"  # in no host's name, and allowed in a file's on every system


def new_temporary_folder(purpose: str, within: str = "") -> Path:
    """Make an empty folder, readable by this user alone; whoever asks for it removes it.

    Args:
        purpose: A word of its name, for people who find it.
        within: The folder to make it in; the system's temporary one when empty.
    """
    owner = current_owner().replace(":", _SIGN)
    return Path(tempfile.mkdtemp(prefix=f"{_BEGINNING}{purpose}{_SIGN}{owner}{_SIGN}", dir=within or None))


def abandoned_folders(within: Iterable[str] = ("",)) -> list[Path]:
    """Temporary folders of this user whose processes on this machine are gone.

    Args:
        within: Where to look; the system's temporary folder where it is empty.
    """
    places = dict.fromkeys(place or tempfile.gettempdir() for place in within)
    return sorted(path for place in places for path in _abandoned(place))


def remove_abandoned_folders(within: Iterable[str] = ("",)) -> int:
    """Remove the temporary folders of processes that are gone; how many.

    To be called by whoever notices that a process has died, and now and then. What cannot be removed stays.
    """
    found = abandoned_folders(within)
    for folder in found:
        shutil.rmtree(folder, ignore_errors=True)
    return sum(not folder.exists() for folder in found)


def _abandoned(place: str) -> Iterator[Path]:
    with suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            purpose, sign, rest = entry.name.partition(_SIGN)
            if not sign or not purpose.startswith(_BEGINNING):
                continue
            owner = rest.rpartition(_SIGN)[0].replace(_SIGN, ":")
            if is_dead(owner) and _is_ours(entry):
                yield Path(entry.path)


def _is_ours(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder of this user: anybody may write to the system's temporary folder."""
    with suppress(OSError):
        mine = not hasattr(os, "getuid") or entry.stat(follow_symlinks=False).st_uid == os.getuid()
        return mine and entry.is_dir(follow_symlinks=False)
    return False
