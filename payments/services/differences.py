"""What does not agree, told twice: to the log in English, to finance in its own language."""

from typing import Self

from django.db.models import Model, TextChoices
from django.utils.translation import gettext

from payments import money


class Difference(str):
    """One line in English, amounts in øre; ``text`` is the same for a person.

    ``subject`` is the row that it is about, where there is one. ``template`` is a msgid; of its
    ``values`` each int is an amount in øre, each choice is told by its label.
    """

    __slots__ = ("subject", "template", "values")

    subject: Model | None
    template: str
    values: dict[str, int | str]

    def __new__(cls, template: str, *, subject: Model | None = None, **values: int | str) -> Self:
        line = template % values
        about = f"{subject._meta.model_name} {subject.pk}: " if subject else ""
        made = super().__new__(cls, about + line)
        made.subject, made.template, made.values = subject, template, values
        return made

    @property
    def text(self) -> str:
        """In the language of the moment, amounts as kroner."""
        told = {name: _told(value) for name, value in self.values.items()}
        return gettext(self.template) % told


def _told(value: int | str) -> str:
    if isinstance(value, int):
        return money.format_kroner(value)
    return str(value.label) if isinstance(value, TextChoices) else value
