"""Folding, in the database and in Python alike, and what of a text is marked."""

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from cms.folding import LETTERS, fold
from cms.searching import Search, highlighted

KEYS = "".join(LETTERS) + "".join(LETTERS).upper() + "aeodAEOD@. -_19%\\'"


def folded_in_database(text: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cms_folded(%s)", [text])
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ærøskøbing", "aeroeskoebing"),
        ("ÅRHUS", "aarhus"),
        ("Aarhus", "aarhus"),
        ("René Müller-Bäck", "rene muller-baeck"),
        ("Søren Ågård", "soeren aagaard"),
    ],
)
def test_spellings_of_a_name_fold_to_the_same(text: str, folded: str) -> None:
    assert fold(text) == folded


class FoldingTest(TestCase):
    @given(st.text(alphabet=st.sampled_from(KEYS), max_size=40))
    def test_the_database_folds_as_python_does(self, text: str) -> None:
        assert folded_in_database(text) == fold(text)


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("Anne Ågård", "aagaard", "Anne <mark>Ågård</mark>"),
        ("Aarhus", "århus", "<mark>Aarhus</mark>"),
        ("<b>Anne</b>", "anne b", "&lt;<mark>b</mark>&gt;<mark>Anne</mark>&lt;/<mark>b</mark>&gt;"),
        ("Faktura 2026-0012", "2026-00", "Faktura <mark>2026-00</mark>12"),
        ("Hanne", "an", "Hanne"),
        ("hannemarie", "anne mar", "h<mark>annemar</mark>ie"),
    ],
)
def test_what_was_looked_for_is_marked_and_the_rest_escaped(
    text: str, query: str, marked: str
) -> None:
    assert highlighted(text, Search(query)) == marked


def test_what_resembles_is_marked_in_a_loose_search() -> None:
    search = Search("andersne", loosely=True)
    assert highlighted("Anne Andersen", search) == "Anne <mark>Andersen</mark>"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("5798 0098 11578", "5798009811578"),
        ("DK 12 34 56 78", "12345678"),
        ("+45 12 34 56 78", "12345678"),
        ("2026-0012", ""),
        ("2026 marts", ""),
        ("12", ""),
    ],
)
def test_numbers_are_read_however_they_are_grouped(text: str, digits: str) -> None:
    assert Search(text).digits == digits


def test_a_reference_is_recognised_from_its_beginning() -> None:
    whole = "0f8fad5b-d9cb-469f-a165-70867728950e"
    first, last = Search(f"networks.membership:{whole}").reference
    assert str(first) == str(last) == whole
    first, last = Search("0F8FAD5B").reference
    assert str(first) == "0f8fad5b-0000-0000-0000-000000000000"
    assert str(last) == "0f8fad5b-ffff-ffff-ffff-ffffffffffff"
    assert Search("deadbeat").reference is None
    assert Search("Odense").reference is None
    assert Search("12345678").reference is None


def test_one_letter_is_too_little_to_look_for() -> None:
    assert not Search("a")
    assert not Search("  ")
    assert Search("ø")  # two letters, folded
    assert Search("ab")
