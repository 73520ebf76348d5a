"""Numbers that carry their own proof: bank accounts, payment cards, people's national numbers.

Each function takes one text as people write it, blanks, dots and dashes included, and says whether it is such a number.
A random number of the right form passes Luhn's check once in ten times and the others once in 11 to 97, so one value
says little and a column full of them much.
"""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"[\s.\-/]")
_CARD = re.compile(
    r"(?:4\d{12}(?:\d{3})?(?:\d{3})?|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3(?:0|6|8)\d{12}|(?:6|35)\d{14,17})\Z"
)
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}\Z")
_SSN = re.compile(r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\Z")
_NINO = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]\Z")
_DNI = re.compile(r"[XYZ\d]\d{7}[A-Z]\Z")
_FISCAL = re.compile(r"[A-Z]{6}[\dL-V]{2}[A-EHLMPRST][\dL-V]{2}[A-Z][\dL-V]{3}[A-Z]\Z")
_NIR = re.compile(r"[12]\d{4}(?:\d{2}|2A|2B)\d{8}\Z")
_PESEL = re.compile(r"\d{11}\Z")
_CPF = re.compile(r"\d{11}\Z")
_CHINESE = re.compile(r"\d{17}[\dX]\Z")
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_FISCAL_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)


def luhn_holds(digits: str) -> bool:
    """Whether the last digit is Luhn's check digit (ISO/IEC 7812-1, annex B); `digits` are digits and nothing else."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_card_number(text: str) -> bool:
    """Whether it is a payment card's number: a known issuer's first digits and length, and Luhn's digit."""
    digits = _SEPARATORS.sub("", text)
    return bool(_CARD.match(digits)) and luhn_holds(digits)


def is_iban(text: str) -> bool:
    """Whether it is an International Bank Account Number whose check digits hold (ISO 13616: modulo 97 is 1)."""
    compact = _SEPARATORS.sub("", text).upper()
    if not _IBAN.match(compact):
        return False
    return int("".join(str(int(sign, 36)) for sign in compact[4:] + compact[:4])) % 97 == 1


def is_national_id(text: str) -> bool:
    """Whether it is a person's number in one of several countries.

    Those are the United States (SSN; written with dashes, as it has no check digit), the United Kingdom (NINO, form
    only), Spain (DNI, NIE), Italy (codice fiscale), France (NIR), Poland (PESEL), Brazil (CPF) and China.
    """
    compact = _SEPARATORS.sub("", text).upper()
    return bool(_SSN.match(text.strip()) or _NINO.match(compact)) or any(
        pattern.match(compact) and holds(compact) for pattern, holds in _CHECKED
    )


def _dni_holds(text: str) -> bool:
    number = text[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return _DNI_LETTERS[int(number) % 23] == text[-1]


def _fiscal_holds(text: str) -> bool:
    total = 0
    for place, sign in enumerate(text[:15]):
        value = int(sign) if sign.isdigit() else ord(sign) - ord("A")
        total += value if place % 2 else _FISCAL_ODD[value]
    return chr(ord("A") + total % 26) == text[15]


def _nir_holds(text: str) -> bool:
    number = text[:13].replace("2A", "19").replace("2B", "18")
    return 97 - int(number) % 97 == int(text[13:])


def _pesel_holds(text: str) -> bool:
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
    month, day = int(text[2:4]) % 20, int(text[4:6])
    total = sum(weight * int(digit) for weight, digit in zip(weights, text, strict=True))
    return 1 <= month <= 12 and 1 <= day <= 31 and total % 10 == 0


def _cpf_holds(text: str) -> bool:
    if len(set(text)) == 1:
        return False
    for length in (9, 10):
        total = sum((length + 1 - place) * int(digit) for place, digit in enumerate(text[:length]))
        if total * 10 % 11 % 10 != int(text[length]):
            return False
    return True


def _chinese_holds(text: str) -> bool:
    total = sum(pow(2, 17 - place, 11) * int(digit) for place, digit in enumerate(text[:17]))
    plausible = 1 <= int(text[10:12]) <= 12 and 1 <= int(text[12:14]) <= 31
    return plausible and "10X98765432"[total % 11] == text[17]


_CHECKED = (
    (_DNI, _dni_holds),
    (_FISCAL, _fiscal_holds),
    (_NIR, _nir_holds),
    (_PESEL, _pesel_holds),
    (_CPF, _cpf_holds),
    (_CHINESE, _chinese_holds),
)
