"""What is kept of a row, as facts: a value for machines, a text for readers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from payments import money

#: Whole øre.
AMOUNTS = frozenset({"net", "vat", "gross", "credited"})


@dataclass(frozen=True)
class Fact:
    """``value`` for machines, ``text`` for readers."""

    key: str
    label: str
    value: Any
    text: Any

    @property
    def shown(self) -> str:
        """For readers: local times, kroner, yes and no."""
        if isinstance(self.text, bool):
            return _("Yes") if self.text else _("No")
        if isinstance(self.text, datetime):
            return date_format(timezone.localtime(self.text), "DATETIME_FORMAT")
        if isinstance(self.text, date):
            return date_format(self.text, "DATE_FORMAT")
        if self.key in AMOUNTS:
            return money.format_kroner(self.text)
        return str(self.text)


@dataclass(frozen=True)
class Section:
    """What is kept of one kind: a row a list of facts."""

    key: str
    title: str
    rows: list[list[Fact]]


def _fact(row: Model, name: str) -> Fact:
    value = getattr(row, name)
    display = getattr(row, f"get_{name}_display", None)
    label = row._meta.get_field(name).verbose_name  # type: ignore[union-attr]
    text = display() if display else value
    if isinstance(value, Model):
        value = text = str(value)
    return Fact(name, capfirst(str(label)), value, text)


def facts(row: Model, *names: str, **more: tuple[str, Any]) -> list[Fact]:
    """The named columns, and ``key=(label, value)`` beside them; without what is empty."""
    others = [Fact(key, str(label), value, value) for key, (label, value) in more.items()]
    facts = [*(_fact(row, name) for name in names), *others]
    return [fact for fact in facts if fact.value not in (None, "", [])]
