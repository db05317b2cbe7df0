"""Municipalities as lists name them: by code, CVR number, or a name in any spelling."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from networks.rules.import_columns import plain


@dataclass(frozen=True)
class MunicipalityFacts:
    """``key``: of the municipality that it is today."""

    key: int
    code: str
    cvr: str
    names: tuple[str, ...]


class Municipalities:
    """Found by code, CVR number or name: with or without "Kommune", in any spelling of æ, ø, å."""

    def __init__(self, known: Iterable[MunicipalityFacts]) -> None:
        self._keys: dict[str, set[int]] = {}
        for each in known:
            for word in {each.code, each.cvr, *map(_core, each.names)} - {""}:
                self._keys.setdefault(word, set()).add(each.key)
        # A long list says the same few names over and over.
        self.find = cache(self._find)

    def _find(self, text: str) -> int | None:
        """None also when two are meant by it."""
        digits = re.sub(r"\D", "", text)
        if digits and not re.search(r"[a-zæøå]{3}", text.lower()):
            return self._only(digits.zfill(4))
        return self._only(_core(text))

    def _only(self, word: str) -> int | None:
        found = self._keys.get(word, set())
        return next(iter(found)) if len(found) == 1 else None


def _core(name: str) -> str:
    """Københavns Kommune, Kommunen København: both are ``koebenhavn``."""
    words = [word for word in plain(name).split() if word not in ("kommune", "kommunen")]
    return " ".join(words).removesuffix("s")
