"""Kinds from sign-up to the first day as a member, and of leaving."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.messages.kinds import Context, MessageKind, Placeholder, link, register
from networks.models import Membership
from networks.services.notices.kinds.shared import (
    ACCEPT_LINK,
    CONFIRM_LINK,
    DEADLINE,
    MEMBERSHIP,
    MEMBERSHIP_GROUP,
    NETWORK,
    PAGE,
    PAY_LINK,
    PRICE,
    SIGN_UP,
    day_of,
    kroner_of,
)
from payments import money

CONTACT = _("The contact")


def how_it_is_paid(context: Context) -> str:
    membership: Membership = context["membership"]
    if not membership.price_net:
        return _t("Taking part is free of charge.")
    price = {"price": money.format_kroner(membership.price_net)}
    if membership.method == "invoice":
        return (
            _t("The price is %(price)s excl. VAT. The e-invoice follows; you need do nothing.")
            % price
        )
    return (
        _t("The price of %(price)s excl. VAT is paid by card. The invoice marked as paid follows.")
        % price
    )


def what_is_credited(context: Context) -> str:
    if context["credited"]:
        return _t(
            "What was charged for the season that has not begun is credited; what was paid by "
            "card is sent back."
        )
    if context["membership"].price_net:
        return _t("What has been charged for the running season stands.")
    return ""


def with_another_price(membership: Membership) -> dict[str, Any]:
    return {"net": membership.price_net or membership.accepted_net}


def how_long_the_place_is_held(context: Context) -> str:
    if context["membership"].holds_until:
        return _t(
            "Your place is held for 24 hours. The link works for seven days; after that you can "
            "sign up again."
        )
    return _t("The link works for seven days. Your place is decided when you confirm.")


register(
    MessageKind(
        "confirm_address",
        group=SIGN_UP,
        label=_("Confirm the sign-up"),
        sent=_("Right after the sign-up form, to prove the address."),
        to=CONTACT,
        placeholders=(
            *MEMBERSHIP,
            Placeholder(
                "om pladsen",
                _("a sentence: how long the place is held"),
                how_long_the_place_is_held,
            ),
            CONFIRM_LINK,
        ),
        links=("confirm",),
    ),
    MessageKind(
        "payment_begun",
        group=SIGN_UP,
        label=_("Confirm the address, payment by card begun"),
        sent=_("Right after the sign-up form, when card was chosen."),
        to=CONTACT,
        placeholders=(*MEMBERSHIP, PRICE, DEADLINE, CONFIRM_LINK, PAY_LINK),
        links=("confirm", "pay"),
    ),
    MessageKind(
        "waitlisted",
        group=SIGN_UP,
        label=_("On the waiting list"),
        sent=_("After the sign-up form, when no place was left."),
        to=CONTACT,
        placeholders=(*MEMBERSHIP, CONFIRM_LINK),
        links=("confirm",),
    ),
    MessageKind(
        "awaits_approval",
        group=SIGN_UP,
        label=_("The sign-up awaits approval"),
        sent=_("When an address at no known mail domain is confirmed."),
        to=CONTACT,
        placeholders=MEMBERSHIP,
    ),
    MessageKind(
        "price_to_accept",
        group=SIGN_UP,
        label=_("The price has changed"),
        sent=_("When the price has risen since it was accepted."),
        to=CONTACT,
        placeholders=(
            *MEMBERSHIP,
            Placeholder(
                "ny pris",
                _("the price now, excl. VAT"),
                kroner_of(lambda context: context["net"]),
                required=True,
            ),
            Placeholder(
                "tidligere pris",
                _("the price accepted at sign-up, excl. VAT"),
                kroner_of(lambda context: context["membership"].accepted_net),
            ),
            ACCEPT_LINK,
        ),
        links=("accept",),
        sample=with_another_price,
    ),
    MessageKind(
        "approved_to_pay",
        group=SIGN_UP,
        label=_("Accepted, to be paid by card"),
        sent=_("After an approval or an accepted offer, when card was chosen."),
        to=CONTACT,
        placeholders=(*MEMBERSHIP, PRICE, DEADLINE, PAY_LINK),
        links=("pay",),
    ),
    MessageKind(
        "offered",
        group=SIGN_UP,
        label=_("A place is offered"),
        sent=_("When a place has become free for the next on the waiting list."),
        to=CONTACT,
        placeholders=(*MEMBERSHIP, DEADLINE, ACCEPT_LINK),
        links=("accept",),
    ),
    MessageKind(
        "approved",
        group=SIGN_UP,
        label=_("The sign-up is approved, with a text"),
        sent=_("When an administrator approves a sign-up and writes something to the applicant."),
        to=CONTACT,
        placeholders=(
            *MEMBERSHIP,
            Placeholder("besked", _("the administrator's text to the applicant"), "text"),
        ),
        sample={"text": ""},
    ),
    MessageKind(
        "rejected",
        group=SIGN_UP,
        label=_("The sign-up is rejected"),
        sent=_("When an administrator rejects a sign-up."),
        to=CONTACT,
        placeholders=(
            *MEMBERSHIP,
            Placeholder("begrundelse", _("the administrator's text to the applicant"), "text"),
        ),
        sample={"text": ""},
    ),
    MessageKind(
        "expired",
        group=SIGN_UP,
        label=_("The place is no longer held"),
        sent=_("When the deadline of an offer or a payment is over."),
        to=CONTACT,
        placeholders=MEMBERSHIP,
    ),
    MessageKind(
        "paid_too_late",
        group=SIGN_UP,
        label=_("Paid after the deadline"),
        sent=_("When money comes after the place was given up."),
        to=CONTACT,
        placeholders=MEMBERSHIP,
    ),
    MessageKind(
        "invited",
        group=SIGN_UP,
        label=_("Invitation to the network"),
        sent=_("When an administrator invites to a network that is by invitation."),
        to=_("The invited address"),
        placeholders=(
            NETWORK,
            PAGE,
            link("link til tilmelding", _("the link to the form"), "invitation"),
        ),
        links=("invitation",),
    ),
    MessageKind(
        "welcome",
        group=MEMBERSHIP_GROUP,
        label=_("Welcome"),
        sent=_("When the membership becomes active, and when its address is proved."),
        to=CONTACT,
        placeholders=(
            *MEMBERSHIP,
            PRICE,
            Placeholder("om betaling", _("a sentence: how it is paid"), how_it_is_paid),
            link(
                "personligt link",
                _("the personal link; before the address is proved, the link that proves it"),
                "membership",
                "confirm",
            ),
        ),
        links=("membership",),
        sample=lambda membership: {
            "confirmed": True,
            "participants": list(membership.participants.all()),
        },
    ),
    MessageKind(
        "cancelled",
        group=MEMBERSHIP_GROUP,
        label=_("The cancellation is received"),
        sent=_("When a membership is cancelled."),
        to=_("The contact and the invoice contact"),
        placeholders=(
            *MEMBERSHIP,
            Placeholder(
                "sidste dag",
                _("the membership's last day"),
                day_of(lambda context: context["membership"].ends_on),
                required=True,
            ),
            Placeholder("om kreditering", _("a sentence: what is credited"), what_is_credited),
        ),
        sample={"credited": False},
    ),
)
