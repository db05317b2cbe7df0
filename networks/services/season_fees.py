"""The charge of a membership for a season: made at the year change, taken off when the season is
left before it begins, and made anew when that is undone.

Its key counts the attempts: ``membership:<pk>:season:<season>:1``, then ``:2`` once the first was
credited. Amounts are whole øre excl. VAT.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from cms.audit import reference
from networks.models import Membership, Season, SeasonEntry, Seat
from networks.rules.pricing import TariffKind
from networks.services.entries import was_credited
from networks.services.scopes import scope_of
from payments.models import Charge, Credit, PaymentMethod
from payments.services import crediting
from payments.services.charging import Line
from payments.services.ordering import ChargeOrder, create_charges


def charge_key(membership: Membership, season: Season) -> str:
    return f"membership:{membership.pk}:season:{season.pk}:1"


def next_key(key: str) -> str:
    """The key of the charge that follows a credited one."""
    head, _separator, revision = key.rpartition(":")
    return f"{head}:{int(revision) + 1}"


def season_order(membership: Membership, season: Season, *, net: int, key: str) -> ChargeOrder:
    """The season's fee for a membership whose network is loaded; the period is the season's."""
    network = membership.network
    description = _("Membership of %(network)s, %(season)s") % {
        "network": network.title,
        "season": season.name,
    }
    line = Line(description, 1, net, season.vat_rate, season.vat_exemption_reason)
    return ChargeOrder(
        key=key,
        reference=reference(membership),
        scope=scope_of(network),
        scope_label=network.title,
        description=description,
        method=membership.method or PaymentMethod.INVOICE,
        lines=[line],
        buyer=membership.buyer(),
        period=_period(season),
    )


def _period(season: Season) -> tuple[date, date]:
    assert season.starts_on is not None
    assert season.ends_on is not None
    return season.starts_on, season.ends_on


def credit_key(charge: Charge) -> str:
    """What makes a cancellation's credit one, and known again when it is undone."""
    return f"cancelled:{charge.pk}"


def credit_entries(entries: Iterable[SeasonEntry], *, reason: str) -> int:
    """Take the charges of these entries off, of a membership that is locked with its charges;
    what was paid is refunded. Returns øre excl. VAT."""
    credited = 0
    for entry in entries:
        charge = Charge.objects.filter(key=entry.charge_key).first()
        if charge is None:
            continue
        credit = crediting.credit_charge(charge, key=credit_key(charge), reason=reason)
        credited += credit.net if credit else 0
    return credited


def leave(entries: Iterable[SeasonEntry]) -> None:
    """Take the membership out of seasons that it has entered; the rows remember what they cost."""
    for entry in entries:
        entry.entered_at = None
        entry.save(update_fields=["entered_at"])


def enter_again(membership: Membership, entries: Iterable[SeasonEntry]) -> list[Charge]:
    """Undo ``leave`` and ``credit_entries``: the membership is in the seasons again, and what the
    cancellation credited is charged anew. Returns the new charges."""
    charges = []
    for entry in entries:
        credit = _credit_of(entry)
        if credit is not None and entry.season.tariff == TariffKind.PER_PERSON_PER_MEETING:
            charges += _charge_people_again(membership, entry, credit.charge)
        elif credit is not None:
            key = next_key(entry.charge_key)
            order = _again(membership, entry, credit, key)
            charges += create_charges([order])
            entry.charge_key = key
        elif not was_credited(entry):
            continue
        entry.entered_at = entry.entered_at or timezone.now()
        entry.price_net = entry.price_net or 0
        entry.save(update_fields=["entered_at", "price_net", "charge_key"])
    return charges


def _credit_of(entry: SeasonEntry) -> Credit | None:
    """The credit that the cancellation gave on the entry's charge."""
    charge = Charge.objects.filter(key=entry.charge_key).first() if entry.charge_key else None
    if charge is None:
        return None
    return Credit.objects.select_related("charge").filter(key=credit_key(charge)).first()


def _charge_people_again(
    membership: Membership, entry: SeasonEntry, former: Charge
) -> list[Charge]:
    """Of people × meetings only those are charged who have kept their seats; whose seat was given
    back with the cancellation is named, and paid for, anew."""
    kept = Seat.objects.current().filter(membership=membership, charge_key=former.key)
    priced = former.lines.first()
    people = Counter(seat.meeting.label for seat in kept.select_related("meeting"))
    entry.charge_key, entry.price_net = "", 0
    if not people or priced is None:
        return []
    lines = [
        Line(label, number, priced.unit_price, priced.vat_rate, priced.vat_exemption_reason)
        for label, number in people.items()
    ]
    key = next_key(former.key)
    net = sum(line.net for line in lines)
    order = season_order(membership, entry.season, net=net, key=key)
    kept.update(charge_key=key)
    entry.charge_key, entry.price_net = key, net
    return create_charges([replace(order, lines=lines)])


def _again(membership: Membership, entry: SeasonEntry, credit: Credit, key: str) -> ChargeOrder:
    """The credited charge's lines; of one that was credited in part before, what was left."""
    order = season_order(membership, entry.season, net=credit.net, key=key)
    former = credit.charge
    lines = order.lines
    if credit.net == former.net:
        lines = [
            Line(
                line.description,
                line.quantity,
                line.unit_price,
                line.vat_rate,
                line.vat_exemption_reason,
            )
            for line in former.lines.all()
        ]
    period = (former.period_start or order.period[0], former.period_end or order.period[1])
    return replace(order, lines=lines, period=period)
