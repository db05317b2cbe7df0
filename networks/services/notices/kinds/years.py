"""Kinds about the course of a membership over the years."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.messages.kinds import Context, MessageKind, Placeholder, link, register
from networks.models import Membership, Season
from networks.services.notices.kinds.shared import (
    MEMBERSHIP,
    MEMBERSHIP_GROUP,
    PAY_LINK,
    day_of,
    kroner_of,
)

CONTACTS = _("The contact and the invoice contact")
PERSONAL = link(
    "personligt link",
    _("the personal link; before the address is proved, the link that proves it"),
    "membership",
    "confirm",
)
SEASON = Placeholder("sæson", _("the season's name"), "season.name", required=True)
NET = Placeholder(
    "pris", _("the price excl. VAT"), kroner_of(lambda context: context["net"]), required=True
)


def how_it_is_charged(context: Context) -> str:
    if context["pays_by_card"]:
        return _t(
            "You pay by card or MobilePay: on that day we mail you a link to pay. Nothing is drawn "
            "by itself."
        )
    return _t(
        "You pay by e-invoice, which follows by itself. If it needs a new order number, write it "
        "to us before that day."
    )


def with_season(membership: Membership) -> dict[str, Any]:
    today = timezone.localdate()
    season = membership.network.seasons.last() or Season(
        name=str(today.year + 1), starts_on=today, ends_on=today + timedelta(days=364)
    )
    return {
        "season": season,
        "net": membership.price_net or 0,
        "charge_on": today + timedelta(days=30),
        "last_day": today + timedelta(days=60),
        "pays_by_card": membership.method == "card",
    }


register(
    MessageKind(
        "season_announced",
        group=MEMBERSHIP_GROUP,
        label=_("The coming season is announced"),
        sent=_("Thirty days before a season is charged."),
        to=CONTACTS,
        placeholders=(
            *MEMBERSHIP,
            SEASON,
            Placeholder(
                "sæsonstart",
                _("its first day"),
                day_of(lambda context: context["season"].starts_on),
            ),
            Placeholder(
                "sæsonslut", _("its last day"), day_of(lambda context: context["season"].ends_on)
            ),
            NET,
            Placeholder(
                "opkræves den",
                _("the day on which it is charged"),
                day_of(lambda context: context["charge_on"]),
                required=True,
            ),
            Placeholder("om betaling", _("a sentence: how it is paid"), how_it_is_charged),
            Placeholder(
                "sidste dag for udmeldelse",
                _("the last day to cancel"),
                day_of(lambda context: context["last_day"]),
                required=True,
            ),
            PERSONAL,
        ),
        links=("membership",),
        sample=with_season,
    ),
    MessageKind(
        "season_to_pay",
        group=MEMBERSHIP_GROUP,
        label=_("The season is to be paid by card"),
        sent=_("When a season is charged and card was chosen."),
        to=CONTACTS,
        placeholders=(*MEMBERSHIP, SEASON, NET, PAY_LINK),
        links=("pay",),
        sample=with_season,
    ),
    MessageKind(
        "cancellation_undone",
        group=MEMBERSHIP_GROUP,
        label=_("The cancellation is undone"),
        sent=_("When an administrator lets a cancelled membership go on."),
        to=CONTACTS,
        placeholders=(
            *MEMBERSHIP,
            Placeholder(
                "pris",
                _("what is charged anew, excl. VAT, if anything"),
                kroner_of(lambda context: context["net"] or None),
            ),
            link("link til betaling", _("the link to the payment"), "pay", required=False),
            Placeholder(
                "mistede pladser",
                _("the seats that could not come back, and why, if any"),
                lambda context: "\n".join(str(seat) for seat in context["lost"]) or None,
            ),
            PERSONAL,
        ),
        links=("membership",),
        sample={"net": 0, "pays_by_card": False, "lost": []},
    ),
    MessageKind(
        "municipality_merged",
        group=MEMBERSHIP_GROUP,
        label=_("Two memberships have become one"),
        sent=_("When municipalities are merged that were both members."),
        to=CONTACTS,
        placeholders=(
            *MEMBERSHIP,
            Placeholder("ny kontaktperson", _("the contact from now on"), "into.contact.name"),
            Placeholder(
                "ny kontaktpersons e-mail", _("the contact's address"), "into.contact.email"
            ),
            Placeholder(
                "krediteret",
                _("what is credited, excl. VAT, if anything"),
                kroner_of(lambda context: context["credited"] or None),
            ),
        ),
        sample=lambda membership: {"into": membership, "credited": 0},
    ),
)
