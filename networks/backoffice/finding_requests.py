"""What the search finds of what people ask for: to join, to take over."""

from typing import Any

from django.db.models import F
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from cms.backoffice.listing import status_tag
from cms.backoffice.search import Hit, Source, matching_in
from cms.searching import SearchText
from networks.backoffice.handovers import state_label
from networks.backoffice.request_rows import state_tone
from networks.models import Handover, JoinRequest
from networks.policies import handover_policy, join_request_policy

#: What is told of either.
_VALUES = {
    **{name: F(name) for name in ("name", "email", "state")},
    "municipality": F("membership__municipality__name"),
    "network": F("membership__network__title"),
}


def _details(row: dict[str, Any]) -> list[str]:
    return [row["email"], row["municipality"] or "", row["network"]]


def _join_request_hit(row: dict[str, Any]) -> Hit:
    told = JoinRequest(state=row["state"])
    state = status_tag(told.get_state_display(), state_tone(told))
    return Hit(row["name"], _details(row), state)


JOIN_REQUESTS = Source(
    kind="join-requests",
    label=_("Requests to join"),
    icon_name="mail",
    policy=join_request_policy,
    url_name="networks_joinrequest_modeladmin_inspect",
    matching=matching_in(*JoinRequest.SEARCHED),
    values=_VALUES,
    hit=_join_request_hit,
    likeness=SearchText(*JoinRequest.SEARCHED),
    order_by=("-created_at",),
    position=40,
)


def _handover_hit(row: dict[str, Any]) -> Hit:
    confirmed = parse_datetime(row["confirmed"]) if row["confirmed"] else None
    told = Handover(kind=row["kind"], state=row["state"], confirmed_at=confirmed)
    state = status_tag(state_label(told), state_tone(told))
    return Hit(row["name"], [told.get_kind_display(), *_details(row)], state)


HANDOVERS = Source(
    kind="handovers",
    label=_("Handovers"),
    icon_name="redirect",
    policy=handover_policy,
    url_name="networks_handover_modeladmin_inspect",
    matching=matching_in(*Handover.SEARCHED),
    values={**_VALUES, "kind": F("kind"), "confirmed": F("confirmed_at")},
    hit=_handover_hit,
    likeness=SearchText(*Handover.SEARCHED),
    order_by=("-created_at",),
    position=43,
)
