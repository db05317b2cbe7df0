"""What guests are told: invited, welcome, invitation withdrawn. And whoever invited: the answer."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from cms.audit import reference
from cms.messages.outbox import Attachment, LinkRequest, put
from home.models import Organisation
from networks.models import Guest, NetworkFacilitator, NetworkPage
from networks.services import calendar
from networks.services.check_in import DAYS_UNDATED, check_in_link, last_day
from networks.services.notices.letters import moment_key
from networks.services.scopes import scope_of

PURPOSE = "guest"
PATH = "/invitation/{token}/"
#: Days that the link works after the meeting: the page tells what it was about.
DAYS_AFTER = 14


def controllers(network: NetworkPage) -> str:
    """Who decides over the data; none named: the organisation that runs the site."""
    rows = NetworkFacilitator.objects.filter(page=network.facts, is_data_controller=True)
    named = [row.facilitator.name for row in rows.select_related("facilitator")]
    site = network.get_site()
    return ", ".join(named) or Organisation.of(site.pk if site else None).name


def guest_link(guest: Guest) -> LinkRequest:
    """Where the guest answers, and sees what the meeting is about."""
    last = last_day(guest.meeting)
    left = (last - timezone.localdate()).days if last else DAYS_UNDATED
    return LinkRequest(PURPOSE, PURPOSE, reference(guest), PATH, max(left, 0) + DAYS_AFTER)


def invited(guest: Guest) -> None:
    """The invitation, with what is kept about the guest, by whom and how long."""
    _tell(guest, "guest_invited", link_requests=(guest_link(guest),))


def accepted(guest: Guest) -> None:
    """The guest said yes: the meeting for the calendar, the online link, the code to check in."""
    dated = guest.meeting.starts_at is not None
    if dated:
        calendar.note_told([guest.meeting])
    _tell(
        guest,
        "guest_accepted",
        link_requests=(guest_link(guest), *((check_in_link(guest),) if dated else ())),
        attachments=(calendar.invitation(guest.meeting, guest),) if dated else (),
    )


def withdrawn(guest: Guest, *, had_accepted: bool) -> None:
    """The guest is not to come after all; a date that was accepted leaves the calendar."""
    in_calendar = had_accepted and guest.meeting.starts_at is not None
    _tell(
        guest,
        "guest_withdrawn",
        attachments=(calendar.withdrawal(guest.meeting, guest),) if in_calendar else (),
    )


def answered(guest: Guest, inviter: User, *, key: str) -> None:
    """The guest's answer, to whoever sent the invitation."""
    name = inviter.get_full_name() or inviter.get_username()
    _tell(guest, "guest_answered", key=key, to=(name, inviter.email), context={"name": name})


def _tell(
    guest: Guest,
    template: str,
    *,
    key: str = "",
    to: tuple[str, str] | None = None,
    context: Mapping[str, Any] | None = None,
    link_requests: tuple[LinkRequest, ...] = (),
    attachments: tuple[Attachment, ...] = (),
) -> None:
    """``key``: of the occasion; each call is one, unless said otherwise."""
    network = guest.meeting.season.page
    put(
        key=f"{template}:{guest.pk}:{key or moment_key(timezone.now())}",
        template=template,
        to=to or (guest.name, guest.email),
        about=reference(guest),
        scope=scope_of(network),
        context={
            "guest": guest,
            "meeting": guest.meeting,
            "network": network,
            "place": calendar.place_of(guest.meeting),
            "controllers": controllers(network),
            **(context or {}),
        },
        link_requests=link_requests,
        attachments=attachments,
    )
