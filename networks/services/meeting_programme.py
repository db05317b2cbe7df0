"""Reading the programme of meetings, without a query of its own."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from networks.models import Meeting, ProgrammeItem

_FIELDS = ("pk", "kind", "text", "on_page", "position")


def with_programme(meetings: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """The same meetings, each read together with its programme (``items_of``)."""
    items = ProgrammeItem.objects.filter(meeting=OuterRef("pk"))
    rows = items.values(row=JSONObject(**{name: name for name in _FIELDS}))
    return meetings.annotate(programme_rows=ArraySubquery(rows))


def items_of(meeting: Meeting) -> list[ProgrammeItem]:
    """The items on the meeting's programme in their order; of a draft's new meeting, none."""
    rows = getattr(meeting, "programme_rows", None)
    if rows is not None:
        return [ProgrammeItem(meeting_id=meeting.pk, **row) for row in rows]
    return list(meeting.programme.all()) if meeting.pk else []
