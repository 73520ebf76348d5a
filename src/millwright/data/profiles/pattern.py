"""How texts of certain kinds look: regular expressions for a text as a whole, and for what is inside of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}"
EMAIL_INSIDE = rf"[A-Za-z0-9][A-Za-z0-9._%+\-]*@{_HOST}"
IBAN_INSIDE = r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b"
CARD_INSIDE = r"\b[3-6]\d{3}[ \-]?\d{4}[ \-]?\d{4}[ \-]?\d{1,7}\b"

_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IP_4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}(?:/\d{{1,2}})?"
_GROUP = "[0-9A-Fa-f]{1,4}"
_SHORTENED = rf"(?:{_GROUP}(?::{_GROUP}){{0,5}})?"
_IP_6 = rf"(?:{_GROUP}:){{7}}{_GROUP}|{_SHORTENED}::{_SHORTENED}"
_HEX = "[0-9A-Fa-f]"
_UUID = rf"\{{?{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}\}}?"
_URL = r"(?i:https?|ftp|s3|gs)://[^\s/]+\S*|www\.[^\s/.]+\.\S+"
_SIGN = r"[$€£¥₹]|(?i:chf|eur|usd|gbp|jpy)|kr|zł"
_AMOUNT = r"\d{1,3}(?:[,.' ]\d{3})+(?:[.,]\d{1,4})?|\d+(?:[.,]\d{1,4})?"
_MONEY = rf"\(?-?(?:{_SIGN}) ?-?(?:{_AMOUNT})\)?|\(?-?(?:{_AMOUNT}) ?(?:{_SIGN})\)?"
_NUMBER = rf"[+-]?(?:(?:{_AMOUNT})|\d*\.\d+)(?:[eE][+-]?\d+)? ?%?"

_TIME = r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?(?i:am|pm))?(?: ?Z| ?[+-]\d{2}:?\d{2})?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_MONTH_NAME = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_YEAR = r"(?:\d{4}|\d{2})"
_DATE = "|".join(
    [
        rf"(?:(?:1[5-9]|2\d)\d{{2}}[-/.]{_MONTH}[-/.]{_DAY}",
        rf"{_DAY}[-/.]{_MONTH}[-/.]{_YEAR}",
        rf"{_MONTH}[-/]{_DAY}[-/]{_YEAR}",
        rf"{_DAY}[- ]{_MONTH_NAME}[- ,]+\d{{2,4}}",
        rf"{_MONTH_NAME} {_DAY},? \d{{4}})(?:{_TIME})?",
    ]
)
# An international number, or ten digits in groups; digits alone are told by the column's name only.
_PHONE = (
    r"\+\d{1,3}[ .\-]?(?:\(\d{1,5}\)[ .\-]?)?\d[\d .\-/]{4,14}\d"
    r"|\(\d{2,5}\)[ .\-]?\d[\d .\-]{4,12}\d"
    r"|(?:1[ .\-])?\d{3}[.\-]\d{3}[.\-]\d{4}(?: ?(?:x|ext\.?) ?\d+)?"
    r"|0\d{1,4}[ /\-]\d[\d /\-]{4,12}\d"
)
_PHONE_DIGITS = r"\+?[\d .()/\-]{7,20}"
_POSTAL = (
    r"\d{4,6}|\d{5}-\d{4}|\d{3}[- ]?\d{2}|\d{2}-\d{3}|\d{5}-\d{3}|\d{3}-\d{4}"
    r"|[A-Za-z]\d[A-Za-z] ?\d[A-Za-z]\d"
    r"|[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}"
    r"|\d{4} ?[A-Za-z]{2}|[A-Z]{1,2}-?\d{4,5}"
)
_NAME = r"\p{L}[\p{L}'\x{2019}.\-]*"
_PERSON = rf"{_NAME}(?:,? {_NAME}){{0,4}}"

FORMS: dict[str, str] = {
    "uuid": _UUID,
    "email": EMAIL_INSIDE,
    "url": _URL,
    "ip_address": f"{_IP_4}|{_IP_6}",
    "money": _MONEY,
    "number_text": _NUMBER,
    "date_text": _DATE,
    "phone": _PHONE,
    "phone_digits": _PHONE_DIGITS,
    "postal_code": _POSTAL,
    "person": _PERSON,
}


def matching(texts: pl.Series, form: str) -> pl.Series:
    """Which texts as a whole have a form of `FORMS`; Booleans."""
    return texts.str.contains(rf"^(?:{FORMS[form]})$")
