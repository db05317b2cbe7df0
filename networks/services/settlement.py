"""What a membership costs, from the accepted price to the charge; and what payments tell back.

``proceed`` takes a membership that has its place and its yes to awaiting payment or active.
``charge_changed`` is the handler that payments call (``PAYMENTS_CHARGE_HANDLER``).
"""

from collections import Counter
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import SYSTEM, Actor, reference
from networks.models import Membership, NetworkPage, Season, SeasonEntry, Seat
from networks.rules.pricing import Quote, applies
from networks.rules.seats import credit_key
from networks.rules.states import Status
from networks.services import terms
from networks.services.entries import enter_first_season
from networks.services.errors import NotPossible
from networks.services.notices import membership as notices
from networks.services.scopes import scope_of
from networks.services.seats import take_standing, tell_participants
from networks.services.transitions import locked, transition
from payments.models import Charge, ChargeState, PaymentMethod
from payments.services import charging, crediting
from payments.services.charging import ChargeEvent, Line


def attendance_of(membership: Membership) -> dict[int, int]:
    """{meeting: people} as ordered at sign-up, for the tariff per person per meeting."""
    seats = Seat.objects.filter(membership=membership).current()
    return dict(Counter(seats.values_list("meeting_id", flat=True)))


def current_quote(membership: Membership) -> Quote:
    """What the membership costs if it proceeds now. Raises NotPossible when its season can't be
    joined any more."""
    network = membership.network
    quote = terms.quote_for(
        network,
        terms.terms_of(network),
        membership.first_season_id,
        attendance_of(membership),
    )
    if quote is None:
        raise NotPossible(
            _("This season can't be joined any more. Please sign up again on the network's page.")
        )
    return quote


def proceed(
    membership: Membership,
    *,
    actor: Actor,
    card_deadline: timedelta,
    accepted_net: int | None = None,
    reason: str = "",
) -> bool:
    """Freeze the price of a locked membership that has a place, and make it active or await its
    card payment. False: the price has risen above what was accepted; the contact is asked by
    mail, and nothing else has changed.

    ``accepted_net`` (øre): a price that was just said yes to; lower than it: the lower applies.
    """
    quote = current_quote(membership)
    accepted = membership.accepted_net if accepted_net is None else accepted_net
    if not applies(accepted, quote.net):
        notices.price_to_accept(membership, quote.net)
        return False
    membership.accepted_net = accepted
    membership.price_net = quote.net
    membership.save(update_fields=["accepted_net", "price_net"])
    if quote.net == 0:
        activate(membership, actor=actor, reason=reason)
    elif membership.method == PaymentMethod.CARD:
        transition(
            membership,
            Status.AWAITING_PAYMENT,
            actor=actor,
            reason=reason,
            deadline=timezone.now() + card_deadline,
            holds_until=None,
        )
        _charge(membership, quote)
        if membership.address_confirmed_at:
            notices.approved_to_pay(membership)
    else:
        _charge(membership, quote)
        activate(membership, actor=actor, reason=reason)
    return True


def activate(membership: Membership, *, actor: Actor, reason: str = "") -> None:
    """Make a locked membership active, and tell everyone whom it concerns."""
    transition(
        membership,
        Status.ACTIVE,
        actor=actor,
        reason=reason,
        activated_at=timezone.now(),
        deadline=None,
        holds_until=None,
    )
    enter_first_season(membership, first_charge_key(membership))
    notices.welcome(membership)
    take_standing(membership, actor=actor, invite=False)
    if membership.address_confirmed_at:
        tell_participants(membership)


def first_charge_key(membership: Membership) -> str:
    """The key of the charge for the first season; empty where that costs nothing."""
    if not membership.price_net:
        return ""
    return f"membership:{membership.pk}:season:{membership.first_season_id}:1"


def _charge(membership: Membership, quote: Quote) -> Charge:
    season = membership.first_season
    assert season is not None
    terms_of_season = season.terms()
    network = membership.network
    if any(line.meeting for line in quote.lines):
        # Of people × meetings: each seat knows the charge that pays for it.
        ordered = Seat.objects.filter(membership=membership).current()
        ordered.update(charge_key=first_charge_key(membership))
    return charging.create_charge(
        key=first_charge_key(membership),
        reference=reference(membership),
        scope=scope_of(network),
        scope_label=network.title,
        description=_("Membership of %(network)s, %(season)s")
        % {"network": network.title, "season": season.name},
        method=membership.method or PaymentMethod.INVOICE,
        lines=_lines(network, season, quote),
        buyer=membership.buyer(),
        period=(
            max(terms_of_season.starts_on, timezone.localdate()),
            terms_of_season.ends_on,
        ),
    )


def _lines(network: NetworkPage, season: Season, quote: Quote) -> list[Line]:
    meetings = {meeting.pk: meeting for meeting in season.meetings.all()}
    return [
        Line(
            description=(
                str(meetings[line.meeting])
                if line.meeting
                else _("Membership of %(network)s, %(season)s")
                % {"network": network.title, "season": season.name}
            ),
            quantity=line.quantity,
            unit_price=line.unit_price,
            vat_rate=season.vat_rate,
            vat_exemption_reason=season.vat_exemption_reason,
        )
        for line in quote.lines
    ]


# What payments tell -----------------------------------------------------------------------------


def charge_changed(*, charge: Charge, event: ChargeEvent, former: Charge | None = None) -> None:
    """Payments' handler, inside their transaction.

    Reissued: what ``former`` paid for follows the charge that took its place. Paid:
    the membership becomes active; when its place is gone, nobody is displaced: the money is
    recorded, the payer is told and an administrator finds it.
    """
    label, _separator, key = charge.reference.partition(":")
    taken_off = (ChargeEvent.CREDITED, ChargeEvent.PARTLY_CREDITED)
    if label != Membership._meta.label_lower or event in taken_off:
        return
    membership = locked(key)
    if event == ChargeEvent.REISSUED:
        assert former is not None
        _follow(membership, former, charge)
        return
    if event == ChargeEvent.PAID and membership.state == Status.AWAITING_PAYMENT:
        activate(membership, actor=SYSTEM, reason=_("Paid by card"))
        return
    audit.record(actor=SYSTEM, action=f"charge.{event}", subject=membership)
    # A charge that stands may well be paid after the membership has ended.
    in_order = membership.state == Status.ENDED and event == ChargeEvent.PAID
    if membership.state != Status.ACTIVE and not in_order:
        notices.paid_too_late(membership)


def _follow(membership: Membership, former: Charge, charge: Charge) -> None:
    """The locked membership's season and seats are paid for by the charge that took the former's
    place, and the next invoices say what it says. A seat that was credited before is none of it."""
    SeasonEntry.objects.filter(membership=membership, charge_key=former.key).update(
        charge_key=charge.key
    )
    credited = set(former.credits.values_list("key", flat=True))
    seats = Seat.objects.filter(membership=membership, charge_key=former.key)
    followed = [
        pk
        for pk in seats.values_list("pk", flat=True)
        if credit_key(former.key, charge=former.pk, seat=pk) not in credited
    ]
    seats.filter(pk__in=followed).update(charge_key=charge.key)
    buyer = charge.buyer()
    changed = [name for name, value in buyer.items() if getattr(membership, name) != value]
    for name in changed:
        setattr(membership, name, buyer[name])
    membership.save(update_fields=changed)
    audit.record(actor=SYSTEM, action="charge.reissued", subject=membership, fields=changed)


def open_charge(membership: Membership) -> Charge | None:
    """The membership's unpaid charge, if there is one."""
    return Charge.objects.filter(reference=reference(membership), state=ChargeState.OPEN).first()


def credit_open_charges(membership: Membership, *, reason: str) -> None:
    """Take off what was never paid, of a membership that did not come about."""
    for charge in Charge.objects.filter(reference=reference(membership), state=ChargeState.OPEN):
        crediting.credit_charge(charge, key=f"closed:{charge.pk}", reason=reason)
