"""The form with which a membership is left."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class CancelForm(forms.Form):
    """``ends_on``: the last day, which can be chosen in a network that is free of charge."""

    ends_on = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("Empty: today."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    leaving_reason = forms.CharField(
        label=gettext_lazy("Why do you leave?"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("It helps the facilitators to make the network better."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, may_choose_day: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_choose_day:
            del self.fields["ends_on"]

    def clean_ends_on(self) -> date | None:
        day: date | None = self.cleaned_data["ends_on"]
        if day and day < timezone.localdate():
            raise ValidationError(_("The last day can't lie in the past."))
        return day
