"""The form field of a network's extra question."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from networks.models import Question, QuestionKind


def question_field(question: Question) -> forms.Field:
    common: dict[str, Any] = {
        "label": question.label,
        "required": question.required,
        "help_text": question.purpose,
        "error_messages": {"required": _("Answer the question.")},
    }
    if question.kind == QuestionKind.CHOICE:
        choices = [(choice, choice) for choice in question.choice_list]
        return forms.ChoiceField(
            choices=choices if question.required else [("", _("No answer")), *choices],
            widget=forms.RadioSelect if question.required else forms.Select,
            **common,
        )
    if question.kind == QuestionKind.YES_NO:
        choices = [("yes", _("Yes")), ("no", _("No"))]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
    return forms.CharField(max_length=500, **common)
