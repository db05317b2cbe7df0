"""Names as they are compared: no capitals, no accents, and Æ, Ø, Å as AE, OE, AA, so that each
spelling of a name finds the other."""

#: As in the database's function ``cms_folded`` (migration ``0003_search``). Few, since each costs
#: time with each row; a rarer accent is one of the typing errors that do no harm.
LETTERS = {
    "æ": "ae",
    "ø": "oe",
    "å": "aa",
    "ä": "ae",
    "ö": "oe",
    "é": "e",
    "è": "e",
    "ü": "u",
    "á": "a",
    "í": "i",
    "ó": "o",
    "ð": "d",
}
_TABLE = str.maketrans(LETTERS)


def fold(text: str) -> str:
    """As ``cms_folded`` in the database."""
    return text.lower().translate(_TABLE)
