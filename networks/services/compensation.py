"""What members get back for a cancelled meeting: a part of their fee, and what they paid for seats.

Decided with the cancellation; a job for each membership carries it out under that membership's
locks, keyed, so that each credit is given once. Amounts are whole øre excl. VAT.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit, queue
from cms.audit import SYSTEM, Actor
from networks.models import Meeting, Membership, SeasonEntry, Seat
from networks.rules.pricing import TariffKind
from networks.rules.seats import credit_key, pays_for_season
from networks.rules.states import Status
from networks.services.settlement import first_charge_key
from networks.services.transitions import locked
from payments.models import Charge, ChargeState, Credit
from payments.services import crediting

COMPENSATE = queue.Job("networks.compensate")


@dataclass(frozen=True)
class Compensation:
    """``net``: taken off each membership's fee for the season; ``seats``: extra participants and
    people paid for one by one are credited in full for that meeting."""

    net: int = 0
    seats: bool = False


NONE = Compensation()


@dataclass(frozen=True)
class Offer:
    """What compensating would come to. ``proposed``: the ladder's step that the meeting is."""

    proposed: int
    memberships: int
    seats: int
    seats_net: int


@dataclass(frozen=True)
class _Due:
    """A part of a charge to be credited, and the key by which it is credited once."""

    charge: Charge
    net: int
    key: str


def offer_of(meeting: Meeting) -> Offer:
    """What can be given back for a meeting that is not cancelled yet."""
    seats = [due for row in _seats_at(meeting).values() for due in _of_seats(row)]
    return Offer(
        proposed=proposed_net(meeting),
        memberships=len(_fee_charges(meeting)),
        seats=len(seats),
        seats_net=sum(due.net for due in seats),
    )


def proposed_net(meeting: Meeting) -> int:
    """ladder(n) − ladder(n − 1), n being the meetings left today; 0 where the fee is another's."""
    season = meeting.season
    if season.tariff != TariffKind.SEASON_FEE or not meeting.included:
        return 0
    terms = season.terms()
    left = len(terms.meetings_left(timezone.now()))
    return max(terms.ladder.get(left, 0) - terms.ladder.get(left - 1, 0), 0)


def _fee_charges(meeting: Meeting) -> dict[UUID, Charge]:
    """{membership: its standing charge for the season}, of those who have the meeting by a fee."""
    season = meeting.season
    if season.tariff != TariffKind.SEASON_FEE:
        return {}
    memberships = Membership.objects.filter(
        network_id=season.page_id, status__in=[Status.ACTIVE, Status.AWAITING_PAYMENT]
    )
    if meeting.starts_at:
        day = timezone.localdate(meeting.starts_at)
        memberships = memberships.exclude(ends_on__lt=day)
    entries = SeasonEntry.objects.filter(season=season, membership__in=memberships)
    keys = {entry.membership_id: entry.charge_key for entry in entries.exclude(charge_key="")}
    for membership in memberships.filter(first_season=season):
        keys.setdefault(membership.pk, first_charge_key(membership))
    standing = Charge.objects.filter(key__in=keys.values()).exclude(state=ChargeState.CREDITED)
    charges = {charge.key: charge for charge in standing}
    return {member: charges[key] for member, key in keys.items() if key in charges}


def _seats_at(meeting: Meeting) -> dict[UUID, list[Seat]]:
    """{membership: its current seats that were paid for by themselves}."""
    seats = Seat.objects.current().filter(meeting=meeting, membership__status=Status.ACTIVE)
    grouped: dict[UUID, list[Seat]] = defaultdict(list)
    for seat in seats.exclude(charge_key="").order_by("pk"):
        grouped[seat.membership_id].append(seat)
    return grouped


def _of_seats(seats: Iterable[Seat]) -> list[_Due]:
    """What one person at the meeting was charged: an extra participant, or one of those ordered
    at sign-up, who all have one price. An extra's charge for a whole season is no meeting's."""
    due = []
    for seat in seats:
        charge = Charge.objects.filter(key=seat.charge_key).first()
        line = charge.lines.first() if charge else None
        if charge and line and not pays_for_season(seat.charge_key):
            key = credit_key(seat.charge_key, charge=charge.pk, seat=seat.pk)
            due.append(_Due(charge, line.unit_price, key))
    return due


def owe(meeting: Meeting, compensation: Compensation, *, actor: Actor, reason: str) -> None:
    """Enqueue what each membership gets, in the cancellation's transaction."""
    fees = _fee_charges(meeting) if compensation.net else {}
    seats = _seats_at(meeting) if compensation.seats else {}
    for membership_id in sorted({*fees, *seats}, key=str):
        COMPENSATE.enqueue(
            membership_id=str(membership_id),
            meeting_id=meeting.pk,
            charge_id=str(fees[membership_id].pk) if membership_id in fees else None,
            net=compensation.net,
            seat_ids=[seat.pk for seat in seats.get(membership_id, [])],
            user_id=actor.user.pk if actor.user else None,
            reason=reason,
        )


@transaction.atomic
def give(
    membership_id: str,
    meeting_id: int,
    *,
    charge_id: str | None,
    net: int,
    seat_ids: list[int],
    user_id: int | None,
    reason: str,
) -> int:
    """Give a membership what was decided, at most what is left of each charge; what was paid by
    card is sent back. Done again it gives nothing. Returns øre."""
    membership = locked(membership_id)
    meeting = Meeting.objects.get(pk=meeting_id)
    fees = Charge.objects.filter(pk=charge_id) if charge_id else Charge.objects.none()
    due = [_Due(fee, net, f"meeting:{meeting_id}:{fee.pk}") for fee in fees]
    due += _of_seats(Seat.objects.filter(pk__in=seat_ids))
    text = _("%(meeting)s is cancelled") % {"meeting": meeting.label}
    given = sum(_credit(part, membership, text[:250]) for part in due)
    if given:
        user = User.objects.filter(pk=user_id).first() if user_id else None
        audit.record(
            actor=Actor.by(user) if user else SYSTEM,
            action="membership.compensated",
            subject=membership,
            reason=reason,
            meeting=meeting_id,
            net=given,
        )
    return given


def _credit(due: _Due, membership: Membership, reason: str) -> int:
    """øre that were credited now."""
    left = crediting.left_to_credit(due.charge)
    net = min(due.net, left)
    # A place that is still to be paid needs something to pay for it.
    leaves_nothing = membership.state == Status.AWAITING_PAYMENT and net == left
    if not net or leaves_nothing or Credit.objects.filter(key=due.key).exists():
        return 0
    crediting.credit_part(due.charge, net=net, key=due.key, reason=reason)
    return net
