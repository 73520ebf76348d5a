from __future__ import annotations

import pytest

from millwright.automation.delivery.address import ForbiddenAddressError, look_up, parse_target, refusal
from millwright.core.errors import InvalidInputError


def test_url_is_taken_apart():
    target = parse_target("https://user.example:8443/a b?x=ü#part".replace(" ", "%20"))
    assert (target.scheme, target.host, target.port, target.path) == (
        "https",
        "user.example",
        8443,
        "/a%20b?x=%C3%BC",
    )
    assert target.authority == "user.example:8443"
    assert parse_target("https://Bücher.example").authority == "xn--bcher-kva.example"
    assert parse_target("http://[::1]:80", allow_private=True).authority == "[::1]"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("   ", "cannot be empty or just whitespace"),
        ("ftp://example.com", "Invalid webhook URL scheme: 'ftp'. Allowed schemes are: https"),
        ("http://example.com", "Invalid webhook URL scheme: 'http'"),
        ("file:///etc/passwd", "Invalid webhook URL scheme"),
        ("http://[invalid", "Invalid webhook URL 'http://\\[invalid'"),
        ("https://", "must include a hostname"),
        ("https://user:pw@example.com", "must not hold a user or password"),
        ("https://example.com:99999/", "Invalid webhook URL"),
        ("https://example.com/a\r\nX: y", "Invalid webhook URL"),
        ("https://example.com/ x", "holds blanks"),
        ("https://" + "a" * 70 + ".example", "Invalid webhook URL"),
        ("https://example.com/" + "a" * 2000, "longer than 2000"),
    ],
)
def test_url_that_is_not_allowed_is_refused(url: str, message: str):
    with pytest.raises(InvalidInputError, match=message):
        parse_target(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "::127.0.0.1",
    ],
)
def test_private_address_is_refused_unless_allowed(address: str):
    assert "private" in refusal(address, allow_private=False)
    assert refusal(address, allow_private=True) == ""


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fe80::1",
        "fe80::1%eth0",
        "::ffff:169.254.169.254",
        "fd00:ec2::254",
        "168.63.129.16",
        "0.0.0.0",  # noqa: S104 - it is refused
        "224.0.0.1",
        "255.255.255.255",
        "ff02::1",
        "::",
        "240.0.0.1",
        "64:ff9b::a9fe:a9fe",
    ],
)
def test_metadata_and_addresses_of_many_are_refused_always(address: str):
    assert refusal(address, allow_private=False)
    assert refusal(address, allow_private=True)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "8.8.8.8"])
def test_public_address_is_allowed(address: str):
    assert refusal(address, allow_private=False) == ""


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "127.0.0.1"])
def test_name_that_leads_to_this_machine_is_refused_however_it_is_written(host: str):
    target = parse_target(f"https://{host}/x")
    with pytest.raises(ForbiddenAddressError, match="private"):
        look_up(target, allow_private=False, timeout_s=5)


def test_name_that_nobody_knows_is_an_os_error():
    with pytest.raises(OSError, match=r"not known|look|resolution|associated"):
        look_up(parse_target("https://nobody.invalid"), allow_private=False, timeout_s=5)
