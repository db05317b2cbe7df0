"""Rows with the same said of them, beside each other: of a preview, and of what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib.admin.utils import quote

#: So many rows are named; of the rest only the number is.
NAMED = 500


@dataclass(frozen=True)
class Group:
    """Rows with the same in store for them, the first ``NAMED`` with their addresses."""

    text: str
    number: int
    rows: Sequence[tuple[str, str]]

    @property
    def unnamed(self) -> int:
        return self.number - len(self.rows)


@dataclass(frozen=True)
class Gone:
    """Stands for a row that is erased, or out of the user's reach by now."""

    pk: str
    text: str

    def __str__(self) -> str:
        return self.text


def grouped(rows: Iterable[tuple[str, Any]], model_admin: Any) -> list[Group]:
    """Rows by the text beside each, in the order in which the texts first occur."""
    told = list(rows)
    order = list(dict.fromkeys(text for text, _row in told))
    told.sort(key=lambda pair: order.index(pair[0]))
    return [
        _group(text, [row for _text, row in pairs], model_admin)
        for text, pairs in groupby(told, key=lambda pair: pair[0])
    ]


def _group(text: str, rows: list[Any], model_admin: Any) -> Group:
    def address(row: Any) -> str:
        return "" if isinstance(row, Gone) else model_admin.row_url("inspect", quote(row.pk))

    return Group(text, len(rows), [(str(row), address(row)) for row in rows[:NAMED]])
