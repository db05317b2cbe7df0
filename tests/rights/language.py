"""Texts on a screen that are in the other language than the user's."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from lxml import html

from cms import translations

#: What people read or hear beside the text itself.
ATTRIBUTES = ("title", "alt", "placeholder", "aria-label", "aria-description")
#: ``text``: the words in a picture, whose table says them whole.
UNSEEN = {"script", "style", "noscript", "code", "pre", "text"}
#: Words that no Danish text has, and that few English sentences lack.
ENGLISH_WORDS = re.compile(
    r"\b(the|and|this|that|are|you|your|with|from|not|been|will|which|what|when|there|please)\b",
    re.IGNORECASE,
)
#: Said in both languages (a town is "By", a party "Part" in Danish), a name, or what Wagtail makes
#: of the name of a column, which no catalogue reaches.
IN_BOTH = re.compile(r"^(Wagtail|By|Part|Login|English|Page|[\W\d_]*)$")


@cache
def pairs() -> dict[str, str]:
    """English → Danish of every text that says something else in Danish, without placeholders."""
    found: dict[str, str] = {}
    for catalogue in _catalogues():
        for message in catalogue:
            for english, danish in zip(
                translations.forms(message.id), translations.forms(message.string), strict=False
            ):
                is_whole = english and danish and not translations.PLACEHOLDER.search(english)
                if is_whole and english != danish:
                    found.setdefault(_plain(english), _plain(danish))
    return found


def _catalogues() -> Iterator[Catalog]:
    for domain in translations.DOMAINS:
        yield translations.load(translations.CATALOGUES / f"{domain}.po")
    for path in sorted(Path(django.__file__).parent.rglob("locale/da/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            yield read_po(file, locale="da")


@cache
def danish_only() -> frozenset[str]:
    """Danish texts that are no English ones."""
    english = {
        _plain(text)
        for catalogue in _catalogues()
        for message in catalogue
        for text in translations.forms(message.id)
    }
    return frozenset(text for text in pairs().values() if text not in english and len(text) > 3)


def texts_of(page: str) -> Iterator[str]:
    """Each text of the page that somebody may read, as one line."""
    if not page.strip():
        return
    for element in html.fromstring(page).iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag not in UNSEEN and "hidden" not in element.attrib:
            yield _plain(element.text or "")
        if element.tail:
            yield _plain(element.tail)
        yield from (_plain(element.get(name, "")) for name in ATTRIBUTES)
        if element.tag == "input" and element.get("type") == "submit":
            yield _plain(element.get("value", ""))


def left_in_english(page: str) -> set[str]:
    """What a Danish page says in English."""
    return {text for text in set(texts_of(page)) if _is_english(text)}


@cache
def _is_english(text: str) -> bool:
    known = text in pairs() or ENGLISH_WORDS.search(text)
    return bool(known) and not IN_BOTH.match(text)


def left_in_danish(page: str) -> set[str]:
    """What an English page says in Danish, apart from what people wrote."""
    return {text for text in texts_of(page) if text in danish_only()}


def _plain(text: str) -> str:
    return " ".join(text.split())
