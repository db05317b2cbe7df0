"""What members are told of the years: what comes, what is to be paid, what was undone."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from networks.models import Membership, Season
from networks.rules.renewal import Plan
from networks.services.notices.letters import moment_key, notify
from payments.models import Charge, PaymentMethod


def _to_contacts(
    membership: Membership,
    template: str,
    *purposes: str,
    key: str,
    context: Mapping[str, Any],
) -> None:
    """To the contact, and to the invoice contact where that is somebody else."""
    notify(membership, template, *purposes, key=key, context=context)
    invoice_contact = membership.invoice_contact
    if invoice_contact and invoice_contact.pk != membership.contact_id:
        notify(
            membership,
            template,
            *purposes,
            key=f"{key}:invoice",
            to=(invoice_contact.name, invoice_contact.email),
            context=context,
        )


def _page_link(membership: Membership) -> str:
    """Until the address is proved by its own link, the personal link is not sent."""
    return "membership" if membership.address_confirmed_at else "confirm"


def season_announced(membership: Membership, season: Season, plan: Plan, last_day: date) -> None:
    """The season that comes: its price, when and how it is charged, and how to leave before."""
    _to_contacts(
        membership,
        "season_announced",
        _page_link(membership),
        key=f"{season.pk}:{plan.net}",
        context={
            "season": season,
            "net": plan.net,
            "charge_on": plan.enter_on,
            "last_day": last_day,
            "pays_by_card": membership.method == PaymentMethod.CARD,
        },
    )


def season_to_pay(membership: Membership, season: Season, net: int) -> None:
    """The season is charged, to be paid with a link: a card or MobilePay can't be charged again
    by itself."""
    _to_contacts(
        membership,
        "season_to_pay",
        "pay",
        key=str(season.pk),
        context={"season": season, "net": net},
    )


def cancellation_undone(
    membership: Membership, charges: Sequence[Charge], lost: Sequence[object], *, occasion: Any
) -> None:
    """The membership goes on; what had been credited is charged again. ``lost``: the seats that
    could not come back, each of which tells itself."""
    pays_by_card = bool(charges) and membership.method == PaymentMethod.CARD
    purposes = [_page_link(membership), "pay"] if pays_by_card else [_page_link(membership)]
    _to_contacts(
        membership,
        "cancellation_undone",
        *purposes,
        key=moment_key(occasion),
        context={
            "net": sum(charge.net for charge in charges),
            "pays_by_card": pays_by_card,
            "lost": lost,
        },
    )


def merged(membership: Membership, into: Membership, *, credited: int) -> None:
    """The membership has ended, since the municipality was merged into another member."""
    _to_contacts(
        membership,
        "municipality_merged",
        key=str(into.pk),
        context={"into": into, "credited": credited},
    )
