"""Forms with which the contact names participants: whom, and for which meetings."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from networks.models import Participant
from networks.public.participant_form import LineField
from networks.public.price_field import price_field
from networks.public.seasons import when_text
from networks.services.application import ParticipantEntry
from networks.services.seat_overview import MeetingSeats

EVERY, CHOSEN = "every", "chosen"


class CorrectionForm(forms.Form):
    """Name and job title; the address is who it is."""

    name = LineField(
        label=gettext_lazy("Name"),
        max_length=150,
        error_messages={"required": gettext_lazy("Write the participant's name.")},
    )
    job_title = LineField(label=gettext_lazy("Job title"), required=False, max_length=150)


class WhoForm(forms.Form):
    """A colleague who is named already, or a new one."""

    participant = forms.ChoiceField(
        label=gettext_lazy("Who?"), required=False, widget=forms.RadioSelect
    )
    name = LineField(label=gettext_lazy("Name"), required=False, max_length=150)
    email = forms.EmailField(
        label=gettext_lazy("Work e-mail"),
        required=False,
        max_length=254,
        error_messages={
            "invalid": gettext_lazy("Write an e-mail address, for example name@municipality.dk.")
        },
    )
    job_title = LineField(label=gettext_lazy("Job title"), required=False, max_length=150)

    def __init__(
        self,
        *args: Any,
        people: Sequence[Participant] = (),
        only_known: bool = False,
        **kwargs: Any,
    ) -> None:
        """``only_known``: nobody new can be named (the membership is a person's)."""
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        choices = [(key, person.name) for key, person in self.people.items()]
        if only_known:
            for name in ("name", "email", "job_title"):
                del self.fields[name]
        else:
            choices.append(("", _("A new colleague")))
        field = self.fields["participant"]
        field.choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1 and not only_known:
            del self.fields["participant"]
        elif only_known:
            field.required = True
        self.initial.setdefault("participant", choices[0][0] if only_known and choices else "")

    @property
    def known(self) -> Participant | None:
        return self.people.get(self.cleaned_data.get("participant", ""))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.known is None and "email" in self.fields:
            if not data.get("name"):
                self.add_error("name", _("Write the participant's name."))
            if not data.get("email") and "email" not in self.errors:
                self.add_error("email", _("Write the participant's work e-mail."))
        return data

    def entry(self, meetings: tuple[int, ...] = ()) -> ParticipantEntry:
        """What a valid form asks for."""
        person, data = self.known, self.cleaned_data
        if person:
            return ParticipantEntry(person.name, person.email, person.job_title, meetings)
        return ParticipantEntry(data["name"], data["email"], data["job_title"], meetings)


class NamingForm(WhoForm):
    """Whom, and for which meetings. ``accepted_net`` and ``as_extra`` travel with the button that
    says yes to a price that was shown."""

    scope = forms.ChoiceField(
        label=gettext_lazy("Which meetings?"),
        choices=[
            (EVERY, gettext_lazy("Every meeting, also those to come")),
            (CHOSEN, gettext_lazy("Only the meetings chosen here")),
        ],
        widget=forms.RadioSelect,
        initial=EVERY,
        error_messages={"required": gettext_lazy("Choose the meetings.")},
    )
    meetings = forms.MultipleChoiceField(
        label=gettext_lazy("Meetings"), required=False, widget=forms.CheckboxSelectMultiple
    )
    accepted_net = price_field()
    as_extra = forms.BooleanField(required=False, widget=forms.HiddenInput)

    field_order = ("participant", "name", "email", "job_title", "scope", "meetings")

    def __init__(self, *args: Any, rows: Sequence[MeetingSeats], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_rows = [row for row in rows if row.is_open and row.price_net is not None]
        self.fields["meetings"].choices = [  # type: ignore[attr-defined]
            (str(row.meeting.pk), _meeting_label(row)) for row in open_rows
        ]
        if not any(row.terms.has_standing_seats for row in rows) and rows:
            # Where each seat is paid for, nobody is taken for meetings that were not chosen.
            self.fields["scope"].widget = forms.HiddenInput()
            self.initial["scope"] = CHOSEN
        if not open_rows:
            del self.fields["meetings"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        chosen = data.get("scope") == CHOSEN
        if chosen and not data.get("meetings") and "meetings" not in self.errors:
            target = "meetings" if "meetings" in self.fields else "scope"
            self.add_error(target, _("Choose the meetings that the participant comes to."))
        return data

    @property
    def wanted(self) -> ParticipantEntry:
        data = self.cleaned_data
        chosen = data["meetings"] if data["scope"] == CHOSEN else ()
        return self.entry(tuple(int(key) for key in chosen))


def _meeting_label(row: MeetingSeats) -> str:
    meeting = row.meeting
    name = meeting.title or meeting.get_kind_display()
    return f"{name}, {when_text(meeting.starts_at, meeting.ends_at, meeting.date_text)}"
