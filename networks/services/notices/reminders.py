"""Reminders. Each key names what is reminded of and its date: moved, it is reminded of anew."""

from datetime import datetime

from networks.models import Meeting, Membership, Seat
from networks.services import calendar
from networks.services.check_in import check_in_link
from networks.services.notices.letters import moment_key, notify
from payments.models import Charge


def meeting_key(seat: Seat) -> str:
    return f"{seat.meeting_id}:{seat.participant_id}:{moment_key(seat.meeting.starts_at)}"


def meeting_comes(seat: Seat) -> None:
    """To who has a seat: the meeting, their page, and the code to check in with."""
    membership, person = seat.membership, seat.participant
    notify(
        membership,
        "meeting_reminder",
        *(["membership"] if membership.address_confirmed_at else []),
        key=meeting_key(seat),
        to=(person.name, person.email),
        context={
            "participant": person,
            "meeting": seat.meeting,
            "place": calendar.place_of(seat.meeting),
        },
        requests=(check_in_link(seat),),
        attachments=(calendar.invitation(seat.meeting, person),),
        useful_until=seat.meeting.starts_at,
    )


def names_key(meeting: Meeting) -> str:
    return f"{meeting.pk}:{moment_key(meeting.starts_at)}"


def names_missing(
    membership: Membership, meeting: Meeting, *, missing: int, deadline: datetime
) -> None:
    """To the contact: seats that are included and have nobody in them."""
    notify(
        membership,
        "names_reminder",
        "membership",
        key=names_key(meeting),
        context={"meeting": meeting, "missing": missing, "deadline": deadline},
        useful_until=deadline,
    )


def deadline_key(membership: Membership) -> str:
    return moment_key(membership.deadline)


def offer_lapses(membership: Membership) -> None:
    """A place that was offered is soon offered to the next."""
    notify(
        membership,
        "offer_reminder",
        "accept",
        key=deadline_key(membership),
        useful_until=membership.deadline,
    )


def payment_lapses(membership: Membership) -> None:
    """A place that was accepted is soon given up, since it is not paid."""
    notify(
        membership,
        "payment_reminder",
        "pay",
        key=deadline_key(membership),
        useful_until=membership.deadline,
    )


def charge_key(charge: Charge, days: int) -> str:
    return f"{charge.pk}:{days}"


def charge_unpaid(membership: Membership, charge: Charge, *, days: int) -> None:
    """A charge to be paid by card is still open; to the contact of invoices, where there is one."""
    person = membership.invoice_contact or membership.contact
    notify(
        membership,
        "charge_reminder",
        "pay",
        key=charge_key(charge, days),
        to=(person.name, person.email),
        context={"charge": charge},
    )
