"""What a network asks besides: its extra questions, and consents that nobody has to give."""

from typing import Any

from django import forms

from networks.models import ConsentText, NetworkPage, Question
from networks.public.question_field import question_field
from networks.services import consents


class AskedFields:
    """Fields that a network's sign-up form has of its own; mixed into a form."""

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def ask(self, network: NetworkPage) -> None:
        """Add a field for each question, and an unticked box for each consent."""
        self.questions: list[Question] = list(network.questions.all())
        for question in self.questions:
            self.fields[f"question_{question.pk}"] = question_field(question)
        self.consents: list[ConsentText] = consents.offered_in(network)
        for text in self.consents:
            self.fields[f"consent_{text.pk}"] = forms.BooleanField(label=text.shown, required=False)

    @property
    def question_fields(self) -> list[forms.BoundField]:
        return [self[f"question_{row.pk}"] for row in self.questions]  # type: ignore[index]

    @property
    def consent_fields(self) -> list[forms.BoundField]:
        return [self[f"consent_{row.pk}"] for row in self.consents]  # type: ignore[index]

    @property
    def answers(self) -> dict[int, str]:
        """{question: what was answered}"""
        data = self.cleaned_data
        return {row.pk: str(data.get(f"question_{row.pk}", "")) for row in self.questions}

    @property
    def consents_given(self) -> tuple[int, ...]:
        """The texts whose boxes were ticked."""
        data = self.cleaned_data
        return tuple(row.pk for row in self.consents if data.get(f"consent_{row.pk}"))
