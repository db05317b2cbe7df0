"""Search by parts of words and in spite of typing errors, over letters folded to ASCII.

A model's *search text* is some of its fields, folded, with a trigram index (pg_trgm) on the very
same expression. Folded: no capitals, no accents, and Æ, Ø, Å as AE, OE, AA, so that each spelling
of a name finds the other. ASCII besides means that the trigrams are the same under every locale.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.lookups import TrigramWordSimilar
from django.db import connection
from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField, Value
from django.db.models.lookups import Contains
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from cms.folding import fold

#: Words beyond these are not looked for.
MAX_WORDS, MAX_LENGTH = 6, 100
#: Fewer letters have no trigram: such a word is looked for at the beginning of words.
WHOLE_TRIGRAM = 3
#: How alike two words must be, by their trigrams (0 … 1). Two letters of eight that have changed
#: places leave 0.38.
LIKENESS = 0.35
#: Of a row with a UUID; digits alone are some other number.
_REFERENCE = re.compile(r"^(?:[a-z_.]+:)?(?!\d+$)([0-9a-f]{8}[0-9a-f-]{0,28})$")


class SearchText(Func):
    """The fields' texts, folded, with a space before each. None of them may be NULL."""

    function = "cms_folded"
    template = "%(function)s(' ' || %(expressions)s)"
    arg_joiner = " || ' ' || "
    output_field = TextField()


def search_index(*fields: Any, name: str) -> GinIndex:
    """The trigram index of the search text of these fields."""
    return GinIndex(OpClass(SearchText(*fields), name="gin_trgm_ops"), name=name)


@dataclass(frozen=True)
class Search:
    """What somebody looks for. ``loosely``: also what only resembles it."""

    text: str
    loosely: bool = False

    @cached_property
    def words(self) -> list[str]:
        return fold(self.text[:MAX_LENGTH]).split()[:MAX_WORDS]

    def __bool__(self) -> bool:
        return any(len(word) > 1 for word in self.words)

    @property
    def is_number(self) -> bool:
        """A number is either right or wrong: nothing resembles it."""
        return all(any(letter.isdigit() for letter in word) for word in self.words)

    @property
    def digits(self) -> str:
        """A CVR, EAN or telephone number, however it was grouped; empty for anything else."""
        plain = re.sub(r"\s", "", fold(self.text)).removeprefix("dk").removeprefix("+45")
        return plain if len(plain) >= WHOLE_TRIGRAM and plain.isdecimal() else ""

    @property
    def terms(self) -> list[str]:
        """What must be found, each of them."""
        return [self.digits] if self.digits else self.words

    @property
    def by_rarity(self) -> list[str]:
        """The terms; those first of which the fewest rows are to be expected: numbers, then the
        longest."""

        def commonness(term: str) -> tuple[bool, int]:
            has_digit = any(letter.isdigit() for letter in term)
            return not (has_digit and len(term) >= WHOLE_TRIGRAM), -len(term)

        return sorted(self.terms, key=commonness)

    @property
    def reference(self) -> tuple[UUID, UUID] | None:
        """First and last of the keys that begin with what was typed, or None."""
        match = _REFERENCE.match(self.text.strip().lower())
        digits = match[1].replace("-", "") if match else ""
        if not 8 <= len(digits) <= 32:
            return None
        return UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))

    def referred(self) -> Q:
        """Rows whose key is, or begins with, what was typed."""
        span = self.reference
        return Q(pk__range=span) if span else Q(pk__in=())

    def found_in(self, term: str, *fields: Any) -> Any:
        """The condition that a search text holds the term, or in a loose search resembles it."""
        text = SearchText(*(F(field) if isinstance(field, str) else field for field in fields))
        if self.loosely and not term.isdecimal() and len(term) >= WHOLE_TRIGRAM:
            return TrigramWordSimilar(text, Value(term))
        return Contains(text, term if len(term) >= WHOLE_TRIGRAM else f" {term}")


def gathered(keys: QuerySet[Any]) -> Func:
    """The condition that a row's key is one of these. They are gathered first, whatever the
    planner would guess of their number: it knows little of parts of words, and would rather walk
    through all rows in the order of the list."""
    return Func(
        F("pk"),
        ArraySubquery(keys),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


def set_likeness() -> None:
    """For the loose searches of this connection."""
    with connection.cursor() as cursor:
        threshold = "pg_trgm.word_similarity_threshold"
        cursor.execute("SELECT set_config(%s, %s, false)", [threshold, str(LIKENESS)])


# What was found, marked ---------------------------------------------------------------------------


def highlighted(text: str, search: Search) -> SafeString:
    """The text as HTML, with what was looked for marked."""
    spans = _spans(text, search)
    parts, end = [], 0
    for start, stop in spans:
        parts += [escape(text[end:start]), "<mark>", escape(text[start:stop]), "</mark>"]
        end = stop
    return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308 - each part is escaped


def _spans(text: str, search: Search) -> list[tuple[int, int]]:
    """Where the text is to be marked, in order and without overlaps."""
    # Where in the text each letter of the folded text comes from.
    origin = [place for place, letter in enumerate(text) for _folded in fold(letter)]
    folded = fold(text)
    marked: set[int] = set()
    for start, stop in _matches(folded, search):
        marked.update(origin[start:stop])
    spans: list[tuple[int, int]] = []
    for place in sorted(marked):
        if spans and spans[-1][1] == place:
            spans[-1] = (spans[-1][0], place + 1)
        else:
            spans.append((place, place + 1))
    return spans


def _matches(folded: str, search: Search) -> Iterable[tuple[int, int]]:
    for term in search.terms:
        beginning = "" if len(term) >= WHOLE_TRIGRAM else r"\b"
        found = [match.span() for match in re.finditer(beginning + re.escape(term), folded)]
        yield from found
        if not found and search.loosely:
            yield from _resembling(folded, term)


def _resembling(folded: str, term: str) -> Iterable[tuple[int, int]]:
    for word in re.finditer(r"\w+", folded):
        if SequenceMatcher(None, word[0], term).ratio() > 0.7:
            yield word.span()
