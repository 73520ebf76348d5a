"""ZIP archives whose bytes depend on nothing but their content, and the careful reading of other people's.

Nothing is ever unpacked to disk; members are read into memory after the directory was judged.
"""

from __future__ import annotations

import io
import stat
import zipfile
from typing import TYPE_CHECKING

from millwright.core.errors import IntegrityError, UnsafeArtifactError

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that ZIP can write
_PERMISSIONS = 0o644 << 16
MAX_TOTAL_BYTES = 2 << 30
MAX_MEMBERS = 100_000
_MAX_RATIO = 1_100  # deflate cannot exceed 1,032; more is a forged directory
_ENCRYPTED = 0x1
_PICKLE_PROTOCOLS = range(2, 6)


def write_archive(members: Mapping[str, bytes], *, compress: bool = True) -> bytes:
    """A ZIP of some members, the same bytes for the same content.

    Args:
        members: Content by name; written sorted by name, with a fixed time and permissions.
        compress: Deflate; otherwise stored as is.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, date_time=_FIXED_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
            info.external_attr = _PERMISSIONS
            info.create_system = 3  # Unix, also when written elsewhere
            archive.writestr(info, members[name])
    return buffer.getvalue()


def read_archive(data: bytes, *, what: str, max_total_bytes: int = MAX_TOTAL_BYTES) -> dict[str, bytes]:
    """All members of an archive from an untrusted place.

    Args:
        data: The archive.
        what: What it should be, for messages ("a model package").
        max_total_bytes: Most bytes that the members may have together, unpacked.

    Raises:
        UnsafeArtifactError: It is a pickle, holds links, folders, encrypted or doubled members or paths that leave it,
            or unpacks to more than is allowed.
        IntegrityError: It is no ZIP archive, or is damaged.
    """
    refuse_pickle(data, what)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _judge(infos, what, max_total_bytes)
            return {info.filename: _read_member(archive, info, what) for info in infos}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError) as error:
        raise IntegrityError(f"Expected {what} (a ZIP archive), found damaged or other bytes ({error}).") from error


def refuse_pickle(data: bytes, what: str) -> None:
    """Refuses bytes that start like a pickle (joblib's files do too), whatever their name.

    Raises:
        UnsafeArtifactError: They do.
    """
    if len(data) > 1 and data[0] == 0x80 and data[1] in _PICKLE_PROTOCOLS:
        raise UnsafeArtifactError(
            f"Expected {what}, found a pickle, which could run any code when loaded.",
            hint="Train the model again with Millwright, or save it as ONNX.",
        )


def _judge(infos: list[zipfile.ZipInfo], what: str, max_total_bytes: int) -> None:
    names = [info.filename for info in infos]
    if len(infos) > MAX_MEMBERS or len(set(names)) != len(names):
        raise UnsafeArtifactError(f"In {what}: too many members, or two of one name.")
    for info in infos:
        name, mode = info.filename, info.external_attr >> 16
        if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/") or info.is_dir():
            raise UnsafeArtifactError(f"In {what}: the member name {name!r} is a path that leaves the archive.")
        if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
            raise UnsafeArtifactError(f"In {what}: the member {name!r} is a link or a device.")
        if info.flag_bits & _ENCRYPTED:
            raise UnsafeArtifactError(f"In {what}: the member {name!r} is encrypted.")
        if info.file_size > _MAX_RATIO * max(info.compress_size, 1):
            raise UnsafeArtifactError(f"In {what}: the member {name!r} claims an impossible size.")
    total = sum(info.file_size for info in infos)
    if total > max_total_bytes:
        raise UnsafeArtifactError(
            f"In {what}: {total:,} bytes when unpacked, more than the {max_total_bytes:,} allowed."
        )


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, what: str) -> bytes:
    try:
        with archive.open(info) as member:
            content = member.read(info.file_size + 1)
    except Exception as error:  # zlib.error, struct.error, …: whatever a forged stream provokes
        raise IntegrityError(f"In {what}: the member {info.filename!r} is damaged ({error}).") from error
    if len(content) != info.file_size:
        raise IntegrityError(f"In {what}: the member {info.filename!r} has another size than it says.")
    return content
