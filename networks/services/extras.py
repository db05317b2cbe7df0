"""What seats cost that are no part of the fee: extra participants, and people at meetings that are
sold one by one. Each is a charge of its own, and stands at once.

Amounts are whole øre excl. VAT.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from cms.audit import reference
from networks.models import Meeting, Membership, Participant, Season, Seat
from networks.rules import seats as rules
from networks.rules.pricing import applies
from networks.rules.seats import ExtraPer, SeatOffer
from networks.services.errors import NotPossible
from networks.services.meeting_seats import included_numbers, seat_terms, venue_is_full
from networks.services.scopes import scope_of
from payments import money
from payments.models import Charge, ChargeState, Credit
from payments.services import charging
from payments.services.charging import Line


class PriceToAccept(NotPossible):
    """Seats can be had, but only for a price: to be shown, and said yes to by a second call.

    ``net``: øre excl. VAT of all of them. ``is_extra``: beyond the membership's own seats.
    """

    def __init__(self, net: int, season: Season, *, is_extra: bool) -> None:
        self.net = net
        self.vat_rate = season.vat_rate
        self.is_extra = is_extra
        gross = net + money.vat_of(net, season.vat_rate)
        text = (
            _("The membership's own seats are taken. It costs %(net)s excl. VAT (%(gross)s incl.)")
            if is_extra
            else _("It costs %(net)s excl. VAT (%(gross)s incl.)")
        )
        prices = {"net": money.format_kroner(net), "gross": money.format_kroner(gross)}
        super().__init__(text % prices)


@dataclass(frozen=True)
class Planned:
    """A seat about to be taken. ``charge_key``: it was paid for before, and given back too late to
    be credited: it is not charged twice."""

    meeting: Meeting
    offer: SeatOffer
    charge_key: str = ""


def ordered_seat(membership: Membership, meeting: Meeting) -> SeatOffer:
    """The seat of somebody named at sign-up for a locked meeting; the first charge pays for it.
    Raises NotPossible for more than a membership may send."""
    offer = rules.usual_seat(seat_terms(meeting.season), included_numbers(membership, meeting))
    if offer is None:
        raise NotPossible(
            _("At %(meeting)s a membership has no more seats than %(number)s.")
            % {"meeting": meeting.label, "number": meeting.season.seats_per_meeting}
        )
    return offer


def plan_seat(membership: Membership, participant: Participant, meeting: Meeting) -> Planned:
    """The seat that the participant can have at a locked meeting. Raises NotPossible."""
    if venue_is_full(meeting):
        raise NotPossible(_("There is no more room at %(meeting)s.") % {"meeting": meeting.label})
    terms = seat_terms(meeting.season)
    paid = _paid_before(participant, meeting)
    if paid and paid.is_extra:
        return Planned(meeting, SeatOffer(is_extra=True), paid.charge_key)
    offer = rules.usual_seat(terms, included_numbers(membership, meeting))
    if offer and paid:
        return Planned(meeting, SeatOffer(number=offer.number), paid.charge_key)
    if offer is None and terms.extra_per == ExtraPer.MEETING:
        offer = rules.extra_seat(terms)
    if offer is None:
        raise NotPossible(
            _("All %(number)s seats at %(meeting)s are taken. Swap one of the participants.")
            % {"number": terms.limit, "meeting": meeting.label}
        )
    return Planned(meeting, offer)


def _paid_before(participant: Participant, meeting: Meeting) -> Seat | None:
    seat = Seat.objects.filter(participant=participant, meeting=meeting).first()
    return seat if seat and is_paid_for(seat) else None


def is_paid_for(seat: Seat) -> bool:
    """Whether a charge stands that is for this seat, paid or to be paid."""
    charge = Charge.objects.filter(key=seat.charge_key).first() if seat.charge_key else None
    if charge is None or charge.state == ChargeState.CREDITED:
        return False
    key = rules.credit_key(seat.charge_key, charge=charge.pk, seat=seat.pk)
    return not Credit.objects.filter(key=key).exists()


def check_yes(planned: Sequence[Planned], *, as_extra: bool, accepted_net: int) -> None:
    """Nothing that costs is taken without a yes to its price. Raises PriceToAccept."""
    priced = [plan for plan in planned if plan.offer.price]
    net = sum(plan.offer.price for plan in priced)
    is_extra = any(plan.offer.is_extra for plan in priced)
    if net and (not applies(accepted_net, net) or (is_extra and not as_extra)):
        raise PriceToAccept(net, priced[0].meeting.season, is_extra=is_extra)


def charge_for(membership: Membership, participant: Participant, plan: Planned) -> str:
    """The key of the charge that pays for the seat: made now, where it costs something."""
    if not plan.offer.price:
        return plan.charge_key
    meeting = plan.meeting
    day = timezone.localtime(meeting.starts_at).date() if meeting.starts_at else None
    return _charge(
        membership,
        meeting.season,
        net=plan.offer.price,
        key=rules.meeting_charge_key(participant.pk, meeting.pk),
        description=_("Extra participant") if plan.offer.is_extra else _("Participant"),
        what=f"{participant.name}, {meeting.label}",
        period=(day, day) if day else None,
    )


def charge_for_season(membership: Membership, participant: Participant, season: Season) -> str:
    """The key of the charge for coming to a whole season beyond the membership's own seats."""
    assert season.extra_price is not None
    assert season.starts_on is not None
    assert season.ends_on is not None
    return _charge(
        membership,
        season,
        net=season.extra_price,
        key=rules.season_charge_key(participant.pk, season.pk),
        description=_("Extra participant"),
        what=f"{participant.name}, {membership.network.title} {season.name}",
        period=(max(season.starts_on, timezone.localdate()), season.ends_on),
    )


def _charge(
    membership: Membership,
    season: Season,
    *,
    net: int,
    key: str,
    description: str,
    what: str,
    period: tuple[date, date] | None,
) -> str:
    """Make the charge. One that was credited stays so; asked for again, it is a new revision."""
    if not membership.method:
        raise NotPossible(
            _("This membership has no payment details yet. Write to the network's contact person.")
        )
    if not net:
        return ""
    revisions = Charge.objects.filter(key__startswith=f"{key}:")
    charge = charging.create_charge(
        key=f"{key}:{revisions.count() + 1}",
        reference=reference(membership),
        scope=scope_of(membership.network),
        scope_label=membership.network.title,
        description=f"{description}: {what}"[:250],
        method=membership.method,
        lines=[Line(what[:250], 1, net, season.vat_rate, season.vat_exemption_reason)],
        buyer=membership.buyer(),
        period=period or (season.starts_on, season.ends_on),  # type: ignore[arg-type]
    )
    return charge.key
