"""The part of the sign-up form that names a colleague."""

from collections.abc import Container, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from networks.public.seasons import SeasonView
from networks.rules.pricing import TariffKind
from networks.services.application import ParticipantEntry


class LineField(forms.CharField):
    """Text of one line, however it was sent: it ends up in headers and sentences of mails."""

    def to_python(self, value: Any) -> str:
        return " ".join(str(super().to_python(value)).split())


class ParticipantForm(forms.Form):
    """One colleague; may be left empty and named later."""

    name = LineField(label=gettext_lazy("Name"), required=False, max_length=150)
    email = forms.EmailField(label=gettext_lazy("Work e-mail"), required=False, max_length=254)
    job_title = LineField(label=gettext_lazy("Job title"), required=False, max_length=150)

    def __init__(self, *args: Any, season: SeasonView | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if season and season.tariff == TariffKind.PER_PERSON_PER_MEETING:
            self.fields["meetings"] = forms.MultipleChoiceField(
                label=gettext_lazy("Meetings"),
                required=False,
                choices=[
                    (str(row.meeting.pk), f"{row.title}, {row.when}")
                    for row in season.coming_meetings
                ],
                widget=forms.CheckboxSelectMultiple,
            )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("name") and not data.get("email") and "email" not in self.errors:
            self.add_error("email", _("Write the participant's work e-mail."))
        if data.get("email") and not data.get("name"):
            self.add_error("name", _("Write the participant's name."))
        if "meetings" in self.fields and data.get("name") and not data.get("meetings"):
            self.add_error("meetings", _("Choose the meetings that the participant comes to."))
        return data

    @property
    def entry(self) -> ParticipantEntry | None:
        data = self.cleaned_data
        if self.errors or not data.get("name"):
            return None
        meetings = tuple(int(key) for key in data.get("meetings", []))
        return ParticipantEntry(data["name"], data["email"], data["job_title"], meetings)


def refuse_strangers(rows: Iterable[ParticipantForm], addresses: Container[str]) -> None:
    """Say at the field that colleagues of these addresses may not come."""
    for row in rows:
        if row.entry and row.entry.email in addresses:
            row.add_error(
                "email", _("Write an address at the municipality, or name the colleague later.")
            )
