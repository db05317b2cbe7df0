"""What kinds have in common: groups, and placeholders of membership, network and meeting.

The names are what administrators write, hence Danish.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.template import engines
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cms.messages.kinds import Context, Group, Placeholder, link
from networks.models import Meeting, Membership, Participant
from payments import money

SIGN_UP = Group(1, _("Sign-up and waiting list"))
MEMBERSHIP_GROUP = Group(2, _("The membership"))
PEOPLE = Group(3, _("People and links"))
MEETINGS = Group(4, _("Meetings and seats"))
REMINDERS = Group(5, _("Reminders"))
TAKING_PART = Group(6, _("Topics and offers"))
GUESTS = Group(7, _("Guests"))


def moment_of(path: Callable[[Context], Any]) -> Callable[[Context], str]:
    """An aware datetime as local date and time."""

    def text(context: Context) -> str:
        found = path(context)
        return date_format(timezone.localtime(found), "DATETIME_FORMAT") if found else ""

    return text


def day_of(path: Callable[[Context], Any]) -> Callable[[Context], str]:
    """A local date."""

    def text(context: Context) -> str:
        found = path(context)
        return date_format(found, "DATE_FORMAT") if found else ""

    return text


def kroner_of(path: Callable[[Context], Any]) -> Callable[[Context], str]:
    """øre as kroner."""

    def text(context: Context) -> str:
        found = path(context)
        return "" if found is None else money.format_kroner(found)

    return text


RECIPIENT = Placeholder("modtager", _("the recipient's name"), "to_name")
NETWORK = Placeholder("netværk", _("the network's name"), "network.title")
PAGE = Placeholder("netværkets side", _("the address of the network's page"), "network.full_url")
PARTY = Placeholder("medlem", _("the municipality or person behind it"), "membership.formal_name")
ORGANISATION = Placeholder(
    "kommune", _("the municipality or organisation, in short"), "membership.organisation"
)
CONTACT = Placeholder("kontaktperson", _("the membership's contact"), "contact.name")
CONTACT_EMAIL = Placeholder("kontaktpersons e-mail", _("the contact's address"), "contact.email")
DEADLINE = Placeholder(
    "frist",
    _("date and time of the deadline"),
    moment_of(lambda context: context["membership"].deadline),
)
PRICE = Placeholder(
    "pris",
    _("the price excl. VAT"),
    kroner_of(lambda context: context["membership"].price_net),
)
MEETING = Placeholder("møde", _("the meeting's name and date"), "meeting.label")
#: What every notice about a membership can name.
MEMBERSHIP = (RECIPIENT, NETWORK, PAGE, PARTY, ORGANISATION, CONTACT, CONTACT_EMAIL)

CONFIRM_LINK = link("link til bekræftelse", _("the link that confirms the address"), "confirm")
PAY_LINK = link("link til betaling", _("the link to the payment"), "pay")
ACCEPT_LINK = link("link til svar", _("the link to see and accept the place"), "accept")
MEMBERSHIP_LINK = link(
    "link til medlemskab", _("the personal link to the membership"), "membership"
)


# Parts of usual texts, whole ----------------------------------------------------------------------


def part(name: str) -> Callable[[Context], str]:
    """A piece that usual texts include, with all its logic: ``templates/messages/<name>.txt``."""
    source = f'{{% autoescape off %}}{{% include "messages/{name}.txt" %}}{{% endautoescape %}}'

    def text(context: Context) -> str:
        return str(engines["django"].from_string(source).render(dict(context))).strip()

    return text


# What a preview is made from: real rows, or where there are none yet, invented ones ---------------


def some_meeting(membership: Membership) -> Meeting:
    """The network's next dated meeting, else its latest, else an invented one."""
    meetings = Meeting.objects.filter(season__page=membership.network_id, starts_at__isnull=False)
    meetings = meetings.select_related("season__page", "record", "host").order_by("starts_at")
    found = meetings.filter(starts_at__gt=timezone.now()).first() or meetings.last()
    start = timezone.now() + timedelta(days=14)
    return found or Meeting(
        title="Netværksmøde", starts_at=start, ends_at=start + timedelta(hours=6), venue="Rådhuset"
    )


def some_participant(membership: Membership) -> Participant:
    found = membership.participants.filter(left_at__isnull=True).first()
    return found or Participant(name="Bo Berg", email="bo.berg@example.dk", job_title="Konsulent")


def with_meeting(membership: Membership) -> dict[str, Any]:
    meeting = some_meeting(membership)
    return {
        "meeting": meeting,
        "meetings": [meeting],
        "place": meeting.venue,
        "participant": some_participant(membership),
        "name": membership.contact.name,
    }
