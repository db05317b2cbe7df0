"""What the search finds of meetings: they themselves, and the guests invited to them."""

from typing import Any

from django.db.models import F
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from cms.backoffice.listing import NEUTRAL, status_tag
from cms.backoffice.search import Hit, Source, matching_in
from cms.searching import SearchText
from networks.models import Guest, Meeting
from networks.policies import guest_policy, meeting_policy


def _meeting_hit(row: dict[str, Any]) -> Hit:
    """As the meeting is called everywhere: by its title, or else its kind, and its date."""
    told = Meeting(title=row["title"], kind=row["kind"], date_text=row["date_text"])
    told.starts_at = parse_datetime(row["starts"]) if row["starts"] else None
    state = status_tag(_("Cancelled"), NEUTRAL) if row["cancelled"] else ""
    return Hit(told.label, [row["network"], row["venue"]], state)


MEETINGS = Source(
    kind="meetings",
    label=_("Meetings"),
    icon_name="date",
    policy=meeting_policy,
    url_name="networks_meeting_modeladmin_inspect",
    matching=matching_in(*Meeting.SEARCHED),
    values={
        **{name: F(name) for name in ("title", "kind", "date_text", "venue")},
        "starts": F("starts_at"),
        "network": F("season__page__title"),
        "cancelled": F("record__cancelled_at"),
    },
    hit=_meeting_hit,
    likeness=SearchText(*Meeting.SEARCHED),
    order_by=("-starts_at", "-pk"),
    position=46,
)


def _guest_hit(row: dict[str, Any]) -> Hit:
    state = status_tag(Guest(state=row["state"]).get_state_display(), NEUTRAL)
    return Hit(row["name"], [row["email"], row["organisation"], row["meeting"]], state)


GUESTS = Source(
    kind="guests",
    label=_("Guests"),
    icon_name="user",
    policy=guest_policy,
    url_name="networks_guest_modeladmin_inspect",
    matching=matching_in(*Guest.SEARCHED),
    values={
        **{name: F(name) for name in ("name", "email", "organisation", "state")},
        "meeting": F("meeting__title"),
    },
    hit=_guest_hit,
    likeness=SearchText(*Guest.SEARCHED),
    order_by=("name", "pk"),
    position=50,
)
