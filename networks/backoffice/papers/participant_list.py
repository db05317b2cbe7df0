"""A meeting's list of participants as PDF: by municipality, with a box to tick."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from cms.typesetting import typeset
from networks.models import Meeting
from networks.services.attendance import Expected, Presence

TEMPLATE = Path(__file__).with_name("participant_list.typ")


def participant_list(
    meeting: Meeting, people: Sequence[Expected], *, when: str, place: str, printed_at: datetime
) -> bytes:
    printed = date_format(timezone.localtime(printed_at), "SHORT_DATETIME_FORMAT")
    number = len(people)
    return typeset(
        TEMPLATE,
        {
            "title": meeting.title or meeting.get_kind_display(),
            "author": meeting.season.page.title,
            "language": (get_language() or "da")[:2],
            "network": meeting.season.page.title,
            "when": " · ".join(filter(None, (when, place))),
            "columns": [_("Came"), _("Name"), _("Job title"), _("Municipality"), _("Comes as")],
            "rows": [_row(person) for person in people],
            "nobody": _("No participants are named yet."),
            "foot": " · ".join(
                (
                    ngettext("%(number)s person", "%(number)s people", number) % {"number": number},
                    _("Printed %(time)s") % {"time": printed},
                    _("Holds personal data: destroy the list after the meeting."),
                )
            ),
            "page": _("Page"),
        },
    )


def _row(person: Expected) -> list[str]:
    labels = {
        Presence.SEAT: _("Seat"),
        Presence.EXTRA: _("Extra participant"),
        Presence.GUEST: _("Guest"),
    }
    return [person.name, person.job_title, person.organisation, labels[person.presence]]
