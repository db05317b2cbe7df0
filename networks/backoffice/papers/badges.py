"""Badges on A4, ten a sheet (90 × 54 mm, the usual holder), with marks to cut along."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cms.typesetting import typeset
from networks.models import Meeting
from networks.services.attendance import Expected

TEMPLATE = Path(__file__).with_name("badges.typ")


def badges(meeting: Meeting, people: Sequence[Expected]) -> bytes:
    """In the order given; a guest's says so."""
    network = meeting.season.page.title
    day = date_format(timezone.localtime(meeting.starts_at)) if meeting.starts_at else ""
    return typeset(
        TEMPLATE,
        {
            "title": _("Badges for %(meeting)s") % {"meeting": meeting.label},
            "author": network,
            "language": (get_language() or "da")[:2],
            "network": network,
            "date": day or meeting.date_text,
            "badges": [_badge(person) for person in people],
        },
    )


def _badge(person: Expected) -> dict[str, Any]:
    return {
        "name": person.name,
        # Of a guest that is what they are invited to, which is not for the badge.
        "job_title": "" if person.is_guest else person.job_title,
        "organisation": person.organisation,
        "mark": _("Guest") if person.is_guest else "",
    }
