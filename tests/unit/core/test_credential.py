from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.credential import scrubbed, secrets_of, without_credentials


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("data/a.csv", "data/a.csv"),
        ("C:\\data\\a@b.csv", "C:\\data\\a@b.csv"),
        ("postgresql://ann:secret@db:5432/shop", "postgresql://db:5432/shop"),
        ("postgresql://ann:pa/ss?w@db/shop", "postgresql://db/shop"),
        ("postgresql+psycopg://db/shop?password=x&sslmode=require", "postgresql+psycopg://db/shop?sslmode=require"),
        ("https://TOKEN@host/t.csv", "https://host/t.csv"),
        ("https://host/t.csv?token=x", "https://host/t.csv"),
        ("https://host/t.csv?page=2&X-Amz-Signature=abc&X-Amz-Credential=d", "https://host/t.csv?page=2"),
        ("https://acc.blob.example/c/t.csv?sv=2024&sig=abc#row", "https://acc.blob.example/c/t.csv?sv=2024#row"),
        ("s3://bucket/a@b/*.parquet", "s3://bucket/a@b/*.parquet"),
        ("sqlite:////data/shop.db", "sqlite:////data/shop.db"),
        ("kafka://u:p@k1:9092,k2:9092/t?sasl.password=q&security.protocol=SSL",
         "kafka://k1:9092,k2:9092/t?security.protocol=SSL"),
        ("https://host/t?monkey=1&keyboard=2&api_key=3&sort-key=4", "https://host/t?monkey=1&keyboard=2"),
    ],
)  # fmt: skip
def test_address_is_shown_without_what_opens_it(source: str, shown: str) -> None:
    assert without_credentials(source) == shown
    assert without_credentials(shown) == shown


def test_message_of_a_library_is_cleared_of_secrets_also_decoded() -> None:
    source = "postgresql://ann:p%40ss@db/shop?sslpassword=zzz"
    text = "cannot open postgresql://ann:p%40ss@db/shop?sslpassword=zzz: login p@ss or zzz refused"
    assert scrubbed(text, source) == "cannot open postgresql://db/shop: login *** or *** refused"


def test_path_has_no_secrets() -> None:
    assert secrets_of("data/a:b@c.csv") == ()
    assert scrubbed("cannot open a:b@c.csv", "a:b@c.csv") == "cannot open a:b@c.csv"


@given(st.text(st.characters(exclude_characters="@", exclude_categories=["Cs", "Cc"]), min_size=9))
def test_no_password_is_left(password: str) -> None:
    # With a blank before it, a password is in the shown address only by chance of its letters, which nine rule out.
    shown = without_credentials(f"postgresql://ann:{password}@db.example:5432/shop")
    assert shown == "postgresql://db.example:5432/shop"
