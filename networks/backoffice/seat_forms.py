"""Forms with which administrators change a membership's participants on its behalf."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from networks.backoffice.actions import OptionalReasonForm
from networks.models import Participant
from networks.services.application import ParticipantEntry
from networks.services.seat_overview import MeetingSeats
from payments.fields import KronerFormField

REASON_HELP = _("Needed when the deadline for changes is over. Kept in the history.")


class SeatActionForm(OptionalReasonForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = REASON_HELP


class WhoForm(SeatActionForm):
    """Somebody named already, or a new colleague."""

    participant = forms.ChoiceField(label=_("Who?"), required=False)
    name = forms.CharField(label=_("Name"), required=False, max_length=150)
    email = forms.EmailField(label=_("Work e-mail"), required=False, max_length=254)
    job_title = forms.CharField(label=_("Job title"), required=False, max_length=150)

    def __init__(self, *args: Any, people: Sequence[Participant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        self.fields["participant"].choices = [  # type: ignore[attr-defined]
            ("", _t("A new colleague")),
            *((key, f"{person.name}, {person.email}") for key, person in self.people.items()),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("participant"):
            for name in ("name", "email"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _t("A new colleague needs name and address."))
        return data

    def entry(self, meetings: tuple[int, ...] = ()) -> ParticipantEntry:
        data = self.cleaned_data
        person = self.people.get(data["participant"])
        if person:
            return ParticipantEntry(person.name, person.email, person.job_title, meetings)
        return ParticipantEntry(data["name"], data["email"], data["job_title"], meetings)


class NameForm(WhoForm):
    meetings = forms.MultipleChoiceField(
        label=_("Meetings"),
        required=False,
        help_text=_("None chosen: every meeting, also those to come."),
        widget=forms.CheckboxSelectMultiple,
    )
    accepted_net = KronerFormField(
        label=_("Accepted price"),
        required=False,
        help_text=_("Kroner excl. VAT, in all: what the member said yes to. It is charged."),
    )

    field_order = ("participant", "name", "email", "job_title", "meetings", "accepted_net")

    def __init__(
        self, *args: Any, rows: Sequence[MeetingSeats], may_charge: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meetings"].choices = [  # type: ignore[attr-defined]
            (str(row.meeting.pk), row.meeting.label) for row in rows
        ]
        if not may_charge:
            del self.fields["accepted_net"]


class SeatForm(SeatActionForm):
    """One seat at one coming meeting."""

    seat = forms.ChoiceField(label=_("Seat"))

    field_order: Sequence[str] = ("seat",)

    def __init__(self, *args: Any, rows: Sequence[MeetingSeats], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seats = [(row.meeting, seat) for row in rows for seat in row.seats]
        self.fields["seat"].choices = [  # type: ignore[attr-defined]
            (f"{meeting.pk}:{seat.participant_id}", f"{meeting.label}: {seat.participant.name}")
            for meeting, seat in seats
        ]

    @property
    def chosen(self) -> tuple[int, int]:
        """(meeting, participant)"""
        meeting, _separator, participant = self.cleaned_data["seat"].partition(":")
        return int(meeting), int(participant)


class SwapForm(SeatForm, WhoForm):
    field_order = ("seat", "participant", "name", "email", "job_title", "reason")


class TakeOffForm(OptionalReasonForm):
    participant = forms.ChoiceField(label=_("Participant"))

    field_order = ("participant", "reason")

    def __init__(self, *args: Any, people: Sequence[Participant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["participant"].choices = [  # type: ignore[attr-defined]
            (str(person.pk), f"{person.name}, {person.email}") for person in people
        ]
