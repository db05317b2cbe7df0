"""Check digits of the numbers that an e-invoice to a municipality needs."""


def is_valid_gln(number: str) -> bool:
    """EAN/GLN: 13 digits, the last the GS1 check digit (Peppol COMMON-R040)."""
    if len(number) != 13 or not (number.isascii() and number.isdigit()):
        return False
    weighted = sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(number[:12]))
    return (10 - weighted % 10) % 10 == int(number[12])


def is_valid_cvr(number: str) -> bool:
    """CVR: 8 digits, weighted sum divisible by 11 (Peppol COMMON-R042)."""
    if len(number) != 8 or not (number.isascii() and number.isdigit()):
        return False
    weights = (2, 7, 6, 5, 4, 3, 2, 1)
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True)) % 11 == 0


def is_valid_iban(number: str) -> bool:
    """IBAN: moved and spelt in digits it is 1 modulo 97 (ISO 13616)."""
    iban = number.replace(" ", "").upper()
    if not (15 <= len(iban) <= 34 and iban.isascii() and iban.isalnum() and iban[:2].isalpha()):
        return False
    digits = "".join(str(int(character, 36)) for character in iban[4:] + iban[:4])
    return int(digits) % 97 == 1


def fik_reference(number: int) -> str:
    """The 15 digits of a payment slip of kind 71: the number, and a check digit (modulus 10, the
    weights 1 and 2 from the left, digits of the products added)."""
    body = f"{number:014d}"
    products = (int(digit) * (1, 2)[place % 2] for place, digit in enumerate(body))
    total = sum(product // 10 + product % 10 for product in products)
    return f"{body}{(10 - total % 10) % 10}"


def is_valid_fik_reference(reference: str) -> bool:
    return (
        len(reference) == 15
        and reference.isascii()
        and reference.isdigit()
        and fik_reference(int(reference[:14])) == reference
    )
