"""Kinds about meetings: seats taken and given back, meetings changed, cancelled and reminded of."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.messages.kinds import Context, MessageKind, Placeholder, link, register
from networks.models import Membership
from networks.services import calendar
from networks.services.notices.change import Change
from networks.services.notices.kinds.shared import (
    ACCEPT_LINK,
    DEADLINE,
    MEETING,
    MEETINGS,
    MEMBERSHIP,
    MEMBERSHIP_LINK,
    PAY_LINK,
    PRICE,
    REMINDERS,
    day_of,
    kroner_of,
    moment_of,
    part,
    some_meeting,
    with_meeting,
)
from payments.models import Charge

CONTACT = _("The contact")
PARTICIPANT = _("The participant")
LIST = Placeholder("møder", _("the meetings, one a line, with time and place"), part("meetings"))
SEATS = Placeholder("pladser", _("the meetings at which there is a seat"), part("seats"))
WHERE = Placeholder("tid og sted", _("the meeting's title, time and place"), part("guest_meeting"))
CHECK_IN = link("link til indtjekning", _("the link to check in with"), "check_in", required=False)
OPTIONAL_PAGE = link(
    "link til medlemskab", _("the personal link to the membership"), "membership", required=False
)


def about_data(context: Context) -> str:
    """What the law asks to be told to whom others have named (GDPR, article 14)."""
    return (
        _t(
            "We have been given your name, work e-mail and job title, and use them to hold the "
            "meetings. You can see, correct and have your data erased: answer this mail, or ask "
            "the colleague who named you. More about your rights stands on the network's page:"
        )
        + "\n"
        + str(context["network"].full_url)
    )


def online(context: Context) -> str:
    address = context["meeting"].online_link
    return _t("Take part online: %(link)s") % {"link": address} if address else ""


def with_change(membership: Membership) -> dict[str, Any]:
    meeting = some_meeting(membership)
    now = calendar.said_of(meeting)
    earlier = timedelta(days=7)
    before = replace(
        now,
        starts_at=now.starts_at - earlier if now.starts_at else None,
        ends_at=now.ends_at - earlier if now.ends_at else None,
    )
    return {
        "changes": [Change(meeting, before, now)],
        "name": membership.contact.name,
        "is_participant": True,
    }


def with_missing(membership: Membership) -> dict[str, Any]:
    meeting = some_meeting(membership)
    return {"meeting": meeting, "missing": 1, "deadline": meeting.starts_at}


def with_charge(membership: Membership) -> dict[str, Any]:
    net = membership.price_net or 0
    charge = Charge(
        description=membership.network.title,
        net=net,
        vat=net // 4,
        gross=net + net // 4,
        created_at=timezone.now() - timedelta(days=7),
    )
    return {"charge": charge}


register(
    MessageKind(
        "participant_named",
        group=MEETINGS,
        label=_("Named as participant"),
        sent=_("When a colleague is named."),
        to=PARTICIPANT,
        recipient="participant.name",
        placeholders=(
            *MEMBERSHIP,
            SEATS,
            CHECK_IN,
            Placeholder(
                "om persondata",
                _("which data we were given and which rights that gives, as the law demands"),
                about_data,
                required=True,
            ),
            MEMBERSHIP_LINK,
        ),
        links=("check_in", "membership"),
        sample=with_meeting,
    ),
    MessageKind(
        "seats_given",
        group=MEETINGS,
        label=_("A seat at a meeting"),
        sent=_("When somebody gets seats at meetings."),
        to=PARTICIPANT,
        recipient="participant.name",
        placeholders=(*MEMBERSHIP, SEATS, CHECK_IN, MEMBERSHIP_LINK),
        links=("check_in", "membership"),
        sample=with_meeting,
    ),
    MessageKind(
        "seats_given_back",
        group=MEETINGS,
        label=_("The seat is given back"),
        sent=_("When seats are given back or taken over by another."),
        to=PARTICIPANT,
        recipient="participant.name",
        placeholders=(*MEMBERSHIP, LIST),
        sample=with_meeting,
    ),
    MessageKind(
        "meetings_changed",
        group=MEETINGS,
        label=_("Meetings have changed"),
        sent=_("When a published meeting gets another time or place."),
        to=_("Participants; the contact where nobody is named"),
        placeholders=(
            *MEMBERSHIP,
            Placeholder(
                "ændringer", _("what changed, meeting by meeting"), part("changes"), required=True
            ),
            OPTIONAL_PAGE,
        ),
        links=("membership",),
        sample=with_change,
    ),
    MessageKind(
        "meeting_cancelled",
        group=MEETINGS,
        label=_("A meeting is cancelled"),
        sent=_("When an administrator cancels a meeting."),
        to=_("Participants; the contact where nobody is named"),
        placeholders=(*MEMBERSHIP, MEETING),
        sample=lambda membership: {**with_meeting(membership), "has_file": True},
    ),
    MessageKind(
        "meeting_reminder",
        group=REMINDERS,
        label=_("Reminder of a meeting"),
        sent=_("As many days before as the network says, to those who have a seat."),
        to=PARTICIPANT,
        recipient="participant.name",
        placeholders=(
            *MEMBERSHIP,
            MEETING,
            WHERE,
            Placeholder("online", _("a sentence with the online link, if there is one"), online),
            link("link til indtjekning", _("the link to check in with"), "check_in"),
            OPTIONAL_PAGE,
        ),
        links=("check_in", "membership"),
        sample=with_meeting,
    ),
    MessageKind(
        "names_reminder",
        group=REMINDERS,
        label=_("Participants are missing"),
        sent=_("A week before participants can no longer be changed, when seats are free."),
        to=CONTACT,
        placeholders=(
            *MEMBERSHIP,
            MEETING,
            Placeholder("manglende", _("how many seats have nobody"), "missing"),
            Placeholder(
                "frist",
                _("until when participants can be named"),
                moment_of(lambda context: context["deadline"]),
                required=True,
            ),
            MEMBERSHIP_LINK,
        ),
        links=("membership",),
        sample=with_missing,
    ),
    MessageKind(
        "offer_reminder",
        group=REMINDERS,
        label=_("Reminder of an offered place"),
        sent=_("A day before an offered place goes to the next."),
        to=CONTACT,
        placeholders=(*MEMBERSHIP, DEADLINE, ACCEPT_LINK),
        links=("accept",),
    ),
    MessageKind(
        "payment_reminder",
        group=REMINDERS,
        label=_("Reminder to pay for a place"),
        sent=_("A day before a place that is not paid for by card is given up."),
        to=CONTACT,
        placeholders=(*MEMBERSHIP, PRICE, DEADLINE, PAY_LINK),
        links=("pay",),
    ),
    MessageKind(
        "charge_reminder",
        group=REMINDERS,
        label=_("Reminder of an unpaid charge"),
        sent=_("7 and 21 days after a charge to be paid by card was made."),
        to=_("The invoice contact, or the contact"),
        placeholders=(
            *MEMBERSHIP,
            Placeholder("opkrævning", _("what is to be paid for"), "charge.description"),
            Placeholder(
                "pris", _("the price excl. VAT"), kroner_of(lambda context: context["charge"].net)
            ),
            Placeholder(
                "pris inkl. moms",
                _("the price incl. VAT"),
                kroner_of(lambda context: context["charge"].gross),
            ),
            Placeholder(
                "opkrævet den",
                _("the day of the charge"),
                day_of(lambda context: timezone.localdate(context["charge"].created_at)),
            ),
            PAY_LINK,
        ),
        links=("pay",),
        sample=with_charge,
    ),
)
