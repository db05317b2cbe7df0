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
