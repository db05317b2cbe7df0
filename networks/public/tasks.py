"""What a visitor of "my membership" is to do, each with the one place where it is done."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cms.audit import reference
from networks.models import Meeting, RequestState
from networks.public.member_page import MONEY, Visit
from networks.rules import seats as rules
from networks.rules.states import Status
from networks.services import meeting_seats as seats
from payments import money
from payments.models import Charge, ChargeState, PaymentMethod


@dataclass(frozen=True)
class Task:
    """``posts``: the address is a button's, not a link's."""

    text: str
    detail: str
    url: str
    action: str
    posts: bool = False


def tasks_of(visit: Visit, next_meeting: Meeting | None) -> list[Task]:
    """What waits for this visitor, the most urgent first."""
    tasks = [_offer(visit), _payment(visit), *_join_requests(visit), *_charges(visit)]
    tasks.append(_empty_seats(visit, next_meeting))
    return [task for task in tasks if task]


def _deadline_text(visit: Visit) -> str:
    deadline = visit.membership.deadline
    if deadline is None:
        return ""
    when = date_format(timezone.localtime(deadline), "DATETIME_FORMAT")
    return _("At the latest %(deadline)s.") % {"deadline": when}


def _offer(visit: Visit) -> Task | None:
    if not visit.is_contact or visit.membership.state != Status.OFFERED:
        return None
    return Task(
        _("A place is free for you"),
        _deadline_text(visit),
        reverse("membership_offered", args=[visit.token]),
        _("Answer the offer"),
        posts=True,
    )


def _payment(visit: Visit) -> Task | None:
    if not visit.may(MONEY) or visit.membership.state != Status.AWAITING_PAYMENT:
        return None
    return Task(
        _("The membership is to be paid"),
        _deadline_text(visit),
        reverse("payment", args=[visit.token]),
        _("Pay for the membership"),
    )


def _join_requests(visit: Visit) -> list[Task]:
    if not visit.is_contact:
        return []
    waiting = visit.membership.join_requests.filter(state=RequestState.WAITING)
    return [
        Task(
            _("%(name)s wants to join you") % {"name": row.name},
            ", ".join(part for part in (row.job_title, row.email) if part),
            reverse("membership_join", args=[visit.token, row.pk]),
            _("Answer"),
        )
        for row in waiting
    ]


def _charges(visit: Visit) -> list[Task]:
    """Open charges to pay by card, beside the one that the membership itself waits for."""
    membership = visit.membership
    if not visit.may(MONEY) or membership.state == Status.AWAITING_PAYMENT:
        return []
    open_charges = Charge.objects.filter(
        reference=reference(membership), state=ChargeState.OPEN, method=PaymentMethod.CARD
    )
    return [
        Task(
            _("%(amount)s is to be paid")
            % {"amount": money.format_kroner(charge.gross - charge.credited)},
            charge.description,
            reverse("charge_payment", args=[visit.token, charge.pk]),
            _("Pay"),
        )
        for charge in open_charges
    ]


def _empty_seats(visit: Visit, meeting: Meeting | None) -> Task | None:
    """Seats at the next meeting that nobody is named for, while they can be filled."""
    if not visit.is_contact or meeting is None or meeting.starts_at is None:
        return None
    membership, hours = visit.membership, visit.membership.network.swap_deadline_hours
    terms = seats.seat_terms(meeting.season)
    deadline = rules.change_deadline(meeting.starts_at, hours)
    if terms.limit is None or terms.seats_are_sold or membership.unit == "person":
        return None
    if deadline is None or deadline <= timezone.now():
        return None
    left = terms.limit - len(seats.included_numbers(membership, meeting))
    if left <= 0:
        return None
    text = ngettext(
        "%(number)s seat without a name at the next meeting",
        "%(number)s seats without a name at the next meeting",
        left,
    )
    when = date_format(timezone.localtime(deadline), "DATETIME_FORMAT")
    return Task(
        text % {"number": left},
        _("%(meeting)s. Name participants at the latest %(deadline)s.")
        % {"meeting": meeting.label, "deadline": when},
        reverse("membership_participants", args=[visit.token]),
        _("Name participants"),
    )
