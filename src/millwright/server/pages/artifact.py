"""Artifacts of a run or a logged model: a tree of links, folders, and what can be shown of a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from litestar import Response

from millwright.core.errors import InvalidInputError, MillwrightError
from millwright.server.artifact_folder import ArtifactFolder
from millwright.server.artifact_preview import SHOWN_BYTES, TEXT_BYTES, preview
from millwright.server.pages.element import Link, Section, Several, Table
from millwright.server.pages.part import Branch, LongText, Pager, Picture, Tree
from millwright.server.pages.wording import asked, digest, shortened, size
from millwright.server.security import DOCUMENT_POLICY

if TYPE_CHECKING:
    from millwright.core.records.file import FileRecord
    from millwright.server.artifact_preview import Preview
    from millwright.server.pages.element import Cell, Part
    from millwright.storage.base import ArtifactStore

# An image runs nothing, and an SVG that is opened apart neither.
IMAGE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_IN_TREE = 500
_IN_FOLDER = 500
_UNFOLDED = 30  # files of a tree that is unfolded at first


@dataclass(frozen=True, kw_only=True, slots=True)
class ArtifactPlace:
    """Where artifacts are, and what leads to them.

    Attributes:
        folder: Opens the place; raises when this server does not keep it.
        page: The path of the page on one of them.
        file: The path that sends images and pages to be shown.
        download: The path of the guarded route that sends files to be saved.
        given: Parameters that it takes besides the file's path.
        key: The parameter that it takes the file's path by.
    """

    folder: Callable[[], ArtifactFolder]
    page: str
    file: str
    download: str
    given: tuple[tuple[str, str], ...]
    key: str

    def page_link(self, path: str, text: str = "") -> Link:
        """To the page on a file or folder."""
        return Link(text or path.rpartition("/")[2], asked(self.page, ("path", path)))

    def download_link(self, path: str, text: str = "Save it") -> Link:
        """To the file itself."""
        return Link(text, asked(self.download, *self.given, (self.key, path)))


@dataclass(slots=True)
class _Node:
    branches: dict[str, _Node] = field(default_factory=dict)
    files: list[tuple[Link, str]] = field(default_factory=list)


def artifact_section(place: ArtifactPlace) -> Section:
    """The tree of all files, as far as it is not too large."""
    title = "Artifacts"
    try:
        found = place.folder().walk(_IN_TREE + 1)
    except MillwrightError as error:
        return Section(title=title, text=[error.message, error.hint])
    if not found:
        return Section(title=title, tables=[Table(headers=[], rows=[], empty="None was logged.")])
    top = _Node()
    for record in found[:_IN_TREE]:
        node = top
        *folders, _ = record.path.split("/")
        for name in folders:
            node = node.branches.setdefault(name, _Node())
        node.files.append((place.page_link(record.path), size(record.size_bytes)))
    parts: list[Part] = [
        Tree(root=_branch("", top, unfold=len(found) <= 30)),
        Pager(links=[Link("Folder by folder", place.page)]),
    ]
    text = [f"The first {_IN_TREE} files."] if len(found) > _IN_TREE else []
    return Section(title=title, text=text, parts=parts)


def artifact_sections(place: ArtifactPlace, artifacts: ArtifactStore, path: str, after: str) -> list[Section]:
    """The sections on a folder, or on a file with what can be shown of it.

    Raises:
        InvalidInputError: The path is none, or this server does not keep it.
        NotFoundError: There is nothing of that path.
    """
    folder = place.folder()
    if not path:
        return [_folder(place, folder, "", after)]
    record = folder.get(path)
    if record.is_folder:
        return [_folder(place, folder, path, after)]
    return [_about(place, record), _shown(place, preview(artifacts, record), record)]


def artifact_bytes(place: ArtifactPlace, artifacts: ArtifactStore, path: str) -> Response[bytes]:
    """An image, or a page that opens in an origin of its own, to be shown by a browser.

    Raises:
        InvalidInputError: The path is none, or the file is neither, or it is too large.
        NotFoundError: There is nothing of that path.
    """
    record = place.folder().get(path)
    found = preview(artifacts, record)
    if record.digest is None or not (found.image or found.page):
        raise InvalidInputError(
            f"Expected an image or a page of at most {size(SHOWN_BYTES)}, found '{shortened(path)}'.",
            hint="Save it instead.",
        )
    media = found.image or "text/html"
    policy = IMAGE_POLICY if found.image else DOCUMENT_POLICY
    headers = {"content-security-policy": policy, "x-content-type-options": "nosniff"}
    return Response(artifacts.get(record.digest), media_type=media, headers=headers)


def _branch(name: str, node: _Node, *, unfold: bool) -> Branch:
    inner = [_branch(each, node.branches[each], unfold=unfold) for each in sorted(node.branches)]
    return Branch(name=name, branches=inner, files=node.files, open=unfold)


def _folder(place: ArtifactPlace, folder: ArtifactFolder, path: str, after: str) -> Section:
    found = folder.children(path, limit=_IN_FOLDER + 1, after=after)
    rows: list[list[Cell]] = [
        [
            place.page_link(record.path, f"{record.name}/" if record.is_folder else ""),
            None if record.is_folder else size(record.size_bytes),
            record.modified_at,
            None if record.is_folder else place.download_link(record.path),
        ]
        for record in found[:_IN_FOLDER]
    ]
    table = Table(headers=["Name", "Size", "Stored", ""], rows=rows, empty="There is nothing here.")
    links = []
    if path:
        links.append(place.page_link(path.rpartition("/")[0], "Up"))
    if len(found) > _IN_FOLDER:
        next_page = asked(place.page, ("path", path), ("after", found[_IN_FOLDER - 1].name))
        links.append(Link("Next page", next_page))
    return Section(
        title=f"{path}/" if path else "Artifacts", tables=[table], parts=[Pager(links=links)] if links else []
    )


def _about(place: ArtifactPlace, record: FileRecord) -> Section:
    parent = record.path.rpartition("/")[0]
    return Section(
        title="File",
        details=[
            ("Size", size(record.size_bytes)),
            ("Stored", record.modified_at),
            ("Digest", digest(record.digest)),
            ("Folder", place.page_link(parent, f"{parent}/")),
            ("File", Several((place.download_link(record.path),))),
        ],
    )


def _shown(place: ArtifactPlace, found: Preview, record: FileRecord) -> Section:
    source = asked(place.file, ("path", record.path))
    if found.image:
        return Section(title="Shown", parts=[Picture(source=source, text=record.name)])
    text = [f"Its beginning: {size(TEXT_BYTES)} at most, and 100 rows."] if found.cut else []
    if found.rows:
        return Section(title="Shown", text=text, tables=[Table(headers=found.rows[0], rows=found.rows[1:])])
    if not found.text:
        what = "It is empty." if not record.size_bytes else "It is none of the kinds that are shown here."
        return Section(title="Shown", text=[what])
    inner: list[Part] = []
    if found.page:
        inner.append(Pager(links=[Link("Open it in an origin of its own, without access to this server", source)]))
    inner.append(LongText(text=found.text, is_diff=record.name.endswith((".diff", ".patch"))))
    return Section(title="Shown", text=text, parts=inner)
