"""What members fill in to propose a topic, and to offer to host a meeting or to give a talk."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from networks.models import OfferKind
from networks.public.participant_form import LineField
from networks.public.seasons import when_text
from networks.services.programme import coming_meetings_of

LONGEST_TEXT = 2000


class TextField(forms.CharField):
    """Some paragraphs. Counted as the reader's browser counts: a line break is one character."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"rows": 6, "maxlength": LONGEST_TEXT}
        widget = forms.Textarea(attrs=attributes)
        super().__init__(max_length=LONGEST_TEXT, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class TopicForm(forms.Form):
    title = LineField(
        label=_("The topic in a few words"),
        max_length=150,
        error_messages={"required": _("Write what the topic is.")},
    )
    text = TextField(
        label=_("What would you like to talk about, and why?"),
        required=False,
        help_text=_("The network's members see it, with your name and municipality."),
    )


class OfferForm(forms.Form):
    """``network_id``: whose coming meetings may be chosen."""

    kind = forms.ChoiceField(
        label=_("What do you offer?"),
        choices=OfferKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you offer.")},
    )
    title = LineField(
        label=_("The offer in a few words"),
        max_length=150,
        help_text=_("The subject of the talk, or the place where the meeting could be held."),
        error_messages={"required": _("Write what you offer.")},
    )
    meeting = forms.ChoiceField(label=_("For which meeting?"), required=False)
    text = TextField(
        label=_("Tell more about it"),
        required=False,
        help_text=_("Only the network's coordinators see your offer."),
    )

    def __init__(self, network_id: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        meetings = coming_meetings_of(network_id)
        self.fields["meeting"].choices = [  # type: ignore[attr-defined]
            ("", _("Any meeting")),
            *((str(row.pk), _name(row)) for row in meetings),
        ]

    def clean_meeting(self) -> int | None:
        chosen = self.cleaned_data["meeting"]
        return int(chosen) if chosen else None


def _name(meeting: Any) -> str:
    when = when_text(meeting.starts_at, meeting.ends_at, meeting.date_text)
    return f"{meeting.title or meeting.get_kind_display()}, {when}"
