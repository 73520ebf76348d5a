"""What a column stands for, and whether it seems to be personal data: from its name and a sample of its values.

A kind is given when at least 90 % of the sampled different values have its form. Personal data is suspected earlier,
because a wrong suspicion hides a few numbers and a missed one shows somebody's data: one value that holds an e-mail
address or a valid IBAN is enough, half of the values for other kinds. It stays a suspicion: free text about a person
who is not named in a known form is not recognised.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.data.profiles.checksum import is_card_number, is_iban, is_national_id
from millwright.data.profiles.pattern import CARD_INSIDE, EMAIL_INSIDE, IBAN_INSIDE, matching
from millwright.data.profiles.record import ProfileKind, SemanticKind
from millwright.data.profiles.vocabulary import COUNTRY_CODES, COUNTRY_NAMES, CURRENCIES, GIVEN_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

_SAMPLE = 10_000  # rows
_CHECKED = 300  # values whose check digits are computed
_LONGEST = 2_000  # characters of a text that are looked at
_MOST = 0.9
_HALF = 0.5
_GIVEN_SHARE = 0.3
_FEW = 5  # fewer different values prove nothing without a name that says so
_WORDS = 4  # in free text, on average
_TRUTH = frozenset({"true", "false", "yes", "no", "y", "n", "t", "f", "on", "off"})

_NAME_WORDS: dict[SemanticKind, re.Pattern[str]] = {
    kind: re.compile(rf"(?:^|_)(?:{words})(?:_|$)")
    for kind, words in {
        SemanticKind.EMAIL: "e_?mails?(?:_address)?",
        SemanticKind.PHONE: "phone|telephone|tel|mobile|cell|fax|handy|phone_?(?:no|nr|number)",
        SemanticKind.IP_ADDRESS: "ip|ip_?addr(?:ess)?|ipv[46]",
        SemanticKind.IBAN: "iban",
        SemanticKind.CARD_NUMBER: "credit_?card|card_?(?:no|nr|num|number)|pan",
        SemanticKind.NATIONAL_ID: "ssn|social_security(?:_\\w+)?|national_id|nino|nin|dni|nie|nif|cpf|pesel|bsn|"
        "aadhaar|nir|codice_fiscale|tax_id|steuer_?id|passport(?:_\\w+)?|personnummer|cpr|id_card",
        SemanticKind.BIRTH_DATE: "birth_?(?:date|day)|date_?of_?birth|dob|born(?:_\\w+)?|geburtsdatum|geboren",
        SemanticKind.PERSON_NAME: "(?:first|last|given|family|middle|full|maiden|sur|fore)_?names?|vorname|nachname|"
        "(?:customer|client|patient|employee|person|contact|user|author|student|teacher|owner|member|guest|passenger|"
        "applicant|tenant|manager|principal|holder|cardholder|recipient|sender|driver|doctor)s?_"
        "(?:full_?)?name",
        SemanticKind.POSTAL_CODE: "zip|zip_?code|postal|postal_?code|post_?code|plz|cep|pin_?code",
        SemanticKind.COUNTRY: "country|country_?(?:code|name)|nation|nationality|land",
        SemanticKind.CURRENCY: "currency|currency_?code|ccy",
        SemanticKind.LATITUDE: "lat|latitude",
        SemanticKind.LONGITUDE: "lon|lng|long|longitude",
    }.items()
}  # fmt: skip
PERSONAL = frozenset(
    {
        SemanticKind.EMAIL,
        SemanticKind.PHONE,
        SemanticKind.IP_ADDRESS,
        SemanticKind.IBAN,
        SemanticKind.CARD_NUMBER,
        SemanticKind.NATIONAL_ID,
        SemanticKind.BIRTH_DATE,
        SemanticKind.PERSON_NAME,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """What was inferred.

    Attributes:
        semantic: What the values stand for; None where nothing is recognised.
        personal: The kind of personal data that is suspected; None where none is.
    """

    semantic: SemanticKind | None = None
    personal: SemanticKind | None = None


def infer_meaning(values: pl.Series, kind: ProfileKind, *, id_like: bool) -> Meaning:
    """What a column stands for.

    Args:
        values: The values that are there, in any order, with the column's name; at most 10,000 rows, taken evenly, are
            looked at, and of texts the first 2,000 characters.
        kind: What the values are.
        id_like: Whether nearly all of them differ.
    """
    named, sample = _named(values.name), _sampled(values)
    if kind in {ProfileKind.TEXT, ProfileKind.CATEGORY}:
        return _of_texts(_texts(sample), named, kind, id_like=id_like)
    if kind is ProfileKind.INTEGER:
        return _of_integers(sample, named, id_like=id_like)
    if kind is ProfileKind.NUMBER:
        return Meaning(semantic=_place(sample, named))
    if kind in {ProfileKind.DATE, ProfileKind.DATETIME} and SemanticKind.BIRTH_DATE in named:
        return Meaning(semantic=SemanticKind.BIRTH_DATE, personal=SemanticKind.BIRTH_DATE)
    return Meaning()


def infer_personal(values: pl.Series, kind: ProfileKind) -> SemanticKind | None:
    """The kind of personal data that `infer_meaning` suspects, without a look at what else the values could stand for.

    Args:
        values: As there.
        kind: What the values are.
    """
    if kind in {ProfileKind.NUMBER, ProfileKind.BOOLEAN}:
        return None
    if kind not in {ProfileKind.TEXT, ProfileKind.CATEGORY}:
        return infer_meaning(values, kind, id_like=False).personal
    texts = _texts(_sampled(values))
    return None if texts.is_empty() else _suspected(texts, _named(values.name))


def _sampled(values: pl.Series) -> pl.Series:
    return values.gather_every(max(1, -(-values.len() // _SAMPLE))).unique()


def _texts(sample: pl.Series) -> pl.Series:
    texts = sample.cast(pl.String).str.slice(0, _LONGEST).str.strip_chars()
    return texts.filter(texts.str.len_bytes() > 0)


def _named(name: str) -> frozenset[SemanticKind]:
    """Which kinds a column's name tells of; `customerEmail`, `Customer e-mail` and `customer_email` alike."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    plain = re.sub(r"[^a-z0-9]+", "_", split.lower())
    return frozenset(kind for kind, words in _NAME_WORDS.items() if words.search(plain))


def _of_integers(sample: pl.Series, named: frozenset[SemanticKind], *, id_like: bool) -> Meaning:
    texts = sample.cast(pl.String)
    cards = _share_of(texts, is_card_number)
    if cards >= _HALF and (sample.len() >= _FEW or SemanticKind.CARD_NUMBER in named):
        return _personal(SemanticKind.CARD_NUMBER)
    for kind, shortest, longest in ((SemanticKind.PHONE, 7, 15), (SemanticKind.NATIONAL_ID, 6, 18)):
        digits = texts.str.len_bytes().is_between(shortest, longest).mean()
        if kind in named and _share(digits) >= _HALF:
            return _personal(kind)
    if SemanticKind.POSTAL_CODE in named and _share(texts.str.len_bytes().is_between(3, 6).mean()) >= _MOST:
        return Meaning(semantic=SemanticKind.POSTAL_CODE)
    return Meaning(semantic=SemanticKind.IDENTIFIER if id_like else _place(sample, named))


def _place(sample: pl.Series, named: frozenset[SemanticKind]) -> SemanticKind | None:
    for kind, bound in ((SemanticKind.LATITUDE, 90), (SemanticKind.LONGITUDE, 180)):
        if kind in named and _share(sample.cast(pl.Float64).is_between(-bound, bound).mean()) == 1:
            return kind
    return None


def _of_texts(texts: pl.Series, named: frozenset[SemanticKind], kind: ProfileKind, *, id_like: bool) -> Meaning:
    if texts.is_empty():
        return Meaning()
    personal = _suspected(texts, named)
    semantic = personal if personal is not None and _is_whole(texts, personal) else _plain_kind(texts, named)
    if semantic is None:
        semantic = _by_shape(texts, kind, id_like=id_like)
    return Meaning(semantic=semantic, personal=personal)


def _personal(kind: SemanticKind) -> Meaning:
    return Meaning(semantic=kind, personal=kind)


def _suspected(texts: pl.Series, named: frozenset[SemanticKind]) -> SemanticKind | None:
    """The first kind of personal data that the values or the name tell of."""
    if texts.str.contains(EMAIL_INSIDE).any():
        return SemanticKind.EMAIL
    if any(is_iban(one) for one in _inside(texts, IBAN_INSIDE)):
        return SemanticKind.IBAN
    proven = texts.len() >= _FEW
    for kind, check in ((SemanticKind.CARD_NUMBER, is_card_number), (SemanticKind.NATIONAL_ID, is_national_id)):
        if (proven or kind in named) and _share_of(texts, check) >= _HALF:
            return kind
    cards = _inside(texts, CARD_INSIDE)
    if len(cards) >= _FEW and sum(map(is_card_number, cards)) >= _HALF * len(cards):
        return SemanticKind.CARD_NUMBER
    if _formed(texts, "ip_address") >= _HALF:
        return SemanticKind.IP_ADDRESS
    if SemanticKind.BIRTH_DATE in named or SemanticKind.NATIONAL_ID in named or SemanticKind.EMAIL in named:
        return next(k for k in (SemanticKind.BIRTH_DATE, SemanticKind.NATIONAL_ID, SemanticKind.EMAIL) if k in named)
    phones = _formed(texts, "phone") if proven else 0.0
    if SemanticKind.PHONE in named:
        phones = max(phones, _formed(texts, "phone_digits"))
    if phones >= _HALF and _formed(texts, "date_text") < _HALF:
        return SemanticKind.PHONE
    return SemanticKind.PERSON_NAME if _are_names(texts, named) else None


def _are_names(texts: pl.Series, named: frozenset[SemanticKind]) -> bool:
    formed = texts.filter(matching(texts, "person"))
    if SemanticKind.PERSON_NAME in named:
        return formed.len() >= _HALF * texts.len()
    if texts.len() < _FEW or formed.len() < _MOST * texts.len():
        return False
    words = formed.str.to_lowercase().str.replace_all(",", "").str.split(" ")
    of_names = (words.list.first().is_in(GIVEN_NAMES) | words.list.last().is_in(GIVEN_NAMES)) & (words.list.len() > 1)
    return _share(of_names.mean()) >= _GIVEN_SHARE


def _is_whole(texts: pl.Series, kind: SemanticKind) -> bool:
    """Whether the values are of the kind and nothing beside, not only hold one."""
    checks = {
        SemanticKind.IBAN: is_iban,
        SemanticKind.CARD_NUMBER: is_card_number,
    }
    if kind in checks:
        return _share_of(texts, checks[kind]) >= _HALF
    return _formed(texts, "email") >= _HALF if kind is SemanticKind.EMAIL else True


def _plain_kind(texts: pl.Series, named: frozenset[SemanticKind]) -> SemanticKind | None:
    for kind in (SemanticKind.UUID, SemanticKind.URL):
        if _formed(texts, kind.value) >= _MOST:
            return kind
    folded = texts.str.to_lowercase()
    if SemanticKind.POSTAL_CODE in named and _formed(texts, "postal_code") >= _MOST:
        return SemanticKind.POSTAL_CODE
    codes = COUNTRY_NAMES | COUNTRY_CODES if SemanticKind.COUNTRY in named else COUNTRY_NAMES
    for kind, words in ((SemanticKind.COUNTRY, codes), (SemanticKind.BOOLEAN_TEXT, _TRUTH)):
        if _share(folded.is_in(words).mean()) >= _MOST:
            return kind
    currencies = _share(folded.is_in(CURRENCIES).mean()) >= _MOST
    if currencies and (SemanticKind.CURRENCY in named or texts.len() >= _FEW):
        return SemanticKind.CURRENCY
    for kind in (SemanticKind.LATITUDE, SemanticKind.LONGITUDE):
        if kind in named and _formed(texts, "number_text") >= _MOST:
            return kind
    for kind in (SemanticKind.DATE_TEXT, SemanticKind.MONEY, SemanticKind.NUMBER_TEXT):
        if _formed(texts, kind.value) >= _MOST:
            return kind
    return None


def _by_shape(texts: pl.Series, kind: ProfileKind, *, id_like: bool) -> SemanticKind | None:
    words = texts.str.count_matches(r"\S+").mean()
    wordy = isinstance(words, float) and words >= _WORDS
    if kind is ProfileKind.CATEGORY:
        return SemanticKind.CATEGORICAL
    if wordy:
        return SemanticKind.FREE_TEXT
    return SemanticKind.IDENTIFIER if id_like else None


def _formed(texts: pl.Series, form: str) -> float:
    return _share(matching(texts, form).mean())


def _share_of(texts: pl.Series, check: Callable[[str], bool]) -> float:
    """The share of values for which a check holds, from a few hundred of them."""
    tried = texts.gather_every(max(1, texts.len() // _CHECKED)).to_list()
    return sum(map(check, tried)) / len(tried) if tried else 0.0


def _inside(texts: pl.Series, pattern: str) -> list[str]:
    """What has a pattern's form inside the texts; at most a few hundred finds."""
    found = texts.str.extract(f"({pattern})").drop_nulls()
    return [str(one) for one in found.head(_CHECKED).to_list()]


def _share(mean: object) -> float:
    return float(mean) if isinstance(mean, (int, float)) else 0.0
