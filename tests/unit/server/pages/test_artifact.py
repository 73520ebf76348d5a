from __future__ import annotations

from html import unescape

import pytest

from millwright.server.security import DOCUMENT_POLICY

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.fixture
def base(lab):
    return f"/tracked/{lab.first}"


def test_artifacts_are_a_tree_of_links(lab, base):
    for path in ("a.txt", "b/c.txt", "b/d/e.txt"):
        lab.put_file(path, b"text")
    assert "b/ d/ e.txt 4 B c.txt 4 B a.txt 4 B" in lab.page(base)
    assert f'href="{base}/artifacts?path=b%2Fd%2Fe.txt"' in lab.html(base)
    assert "b/ \u2013 2" in lab.page(f"{base}/artifacts")
    assert "c.txt 4 B" in lab.page(f"{base}/artifacts?path=b")


def test_large_tree_is_cut_and_its_folders_are_paged(lab, base):
    for number in range(505):
        lab.put_file(f"{number:04}.txt", b"text")
    assert "The first 500 files." in lab.page(base)
    html = lab.html(f"{base}/artifacts")
    assert "0499.txt" in html
    assert "0500.txt" not in html
    assert "0504.txt" in lab.page(f"{base}/artifacts?after=0499.txt")


def test_text_json_and_tables_are_shown_escaped(lab, base):
    lab.put_file("a.txt", b"<script>alert(1)</script>")
    lab.put_file("a.json", b'{"<b>":[1]}')
    lab.put_file("a.csv", b"<i>,n\n<b>x</b>,1\n")
    assert "&lt;script&gt;alert(1)" in lab.html(f"{base}/artifacts?path=a.txt")
    assert "<script" not in lab.html(f"{base}/artifacts?path=a.txt")
    assert "&#34;&lt;b&gt;&#34;: [" in lab.html(f"{base}/artifacts?path=a.json")
    assert "&lt;b&gt;x&lt;/b&gt;" in lab.html(f"{base}/artifacts?path=a.csv")


def test_image_is_shown_by_what_it_is_and_can_run_nothing(lab, base):
    lab.put_file("figures/a.dat", PNG)
    assert '<img src="' in lab.html(f"{base}/artifacts?path=figures/a.dat")
    answer = lab.get(f"{base}/file?path=figures/a.dat")
    assert answer.content == PNG
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


def test_page_opens_in_an_origin_of_its_own(lab, base):
    lab.put_file("a.html", b"<script>alert(1)</script>")
    assert f'href="{base}/file?path=a.html"' in lab.html(f"{base}/artifacts?path=a.html")
    answer = lab.get(f"{base}/file?path=a.html")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == DOCUMENT_POLICY


@pytest.mark.parametrize("name", ["a.js", "a.bin", "a.txt", "a.png"])
def test_anything_else_is_only_saved(lab, base, name):
    lab.put_file(name, b"alert(1)" if name != "a.bin" else b"\x00")
    assert lab.get(f"{base}/file?path={name}").status_code == 422
    html = lab.html(f"{base}/artifacts?path={name}")
    address = unescape(html.partition('href="/get-artifact')[2].partition('"')[0])
    answer = lab.get(f"/get-artifact{address}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(("path", "status"), [("../x", 422), ("a//b", 422), ("nothing", 404), ("%2e%2e", 422)])
def test_path_that_leads_nowhere_is_told(lab, base, path, status):
    assert lab.get(f"{base}/artifacts?path={path}").status_code == status
    assert lab.get(f"{base}/file?path={path}").status_code == status
