"""Paying for a membership: the hosted payment page, and what to do instead of it."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Site

from cms import audit
from cms.audit import Actor, reference
from networks.models import Membership, NetworkPage
from networks.rules.states import Status
from networks.services.errors import NotPossible
from networks.services.settlement import activate, open_charge
from networks.services.transitions import locked
from payments.gateway import GatewayError, GatewayRefused
from payments.models import (
    UNDER_WAY,
    Charge,
    ChargeState,
    Payment,
    PaymentMethod,
    PaymentSettings,
)
from payments.services import charging, checkout
from payments.services.checkout import NotPayable

#: How long a payment page is open for a charge that has no deadline of its own.
PAGE_OPEN = timedelta(hours=23)


class PaymentUnavailable(Exception):
    """Stripe can't be reached, or refuses us; nothing is lost, trying again takes it up."""


def card_is_on(network: NetworkPage) -> bool:
    """Neither the network nor its site has switched card payment off: a new one may begin.

    E-invoice can't be switched off, so that there is always a way to pay.
    """
    if not network.card_payment:
        return False
    addresses = (
        root for root in Site.get_site_root_paths() if network.url_path.startswith(root.root_path)
    )
    site = next(addresses, None)
    return bool(PaymentSettings.of(site.site_id if site else None).card_payment)


def may_pay_by_card(network: NetworkPage, charge: Charge) -> bool:
    """Card payment is on, or the charge's payment page stood open when it was switched off: what
    was begun can be finished."""
    return card_is_on(network) or charge.payments.filter(state__in=UNDER_WAY).exists()


def close_payment(membership_id: UUID | str) -> bool:
    """Close an open payment page at Stripe. Outside any transaction of ours.

    False: it was paid, or the money is on its way; the place must not be released.
    """
    charge = Charge.objects.filter(
        reference=f"{Membership._meta.label_lower}:{membership_id}",
        state=ChargeState.OPEN,
        method=PaymentMethod.CARD,
    ).first()
    try:
        return charge is None or checkout.expire_attempts(charge.pk)
    except GatewayError as error:
        raise PaymentUnavailable from error


def money_may_come(membership: Membership) -> bool:
    """Whether someone may be paying the open charge of a locked membership at this moment.

    A new attempt can begin between closing the page and releasing the place.
    """
    charge = open_charge(membership)
    return charge is not None and checkout.has_attempt_under_way(charge.pk)


def begin_payment(membership_id: UUID | str, *, return_url: str) -> str:
    """The address of the hosted payment page for a membership that awaits payment.

    With less than Stripe's shortest time left, the membership's deadline moves to the session's
    end. Raises NotPossible when nothing is to be paid, PaymentUnavailable when Stripe doesn't
    answer.
    """
    membership = Membership.objects.get(pk=membership_id)
    charge = open_charge(membership)
    if membership.state != Status.AWAITING_PAYMENT or charge is None or not membership.deadline:
        raise NotPossible(_("There is nothing to pay."))
    _refuse_switched_off(membership, charge)
    payment = _hosted_page(charge, membership.deadline, return_url)
    if payment is None:
        return return_url
    if payment.expires_at > membership.deadline:
        Membership.objects.filter(pk=membership_id, status=Status.AWAITING_PAYMENT).update(
            deadline=payment.expires_at
        )
    return payment.session_url


def _refuse_switched_off(membership: Membership, charge: Charge) -> None:
    if not may_pay_by_card(membership.network, charge):
        raise NotPossible(_("Card payment has been switched off. Choose e-invoice."))


def _hosted_page(charge: Charge, deadline: datetime, return_url: str) -> Payment | None:
    """None: our own page says what it is instead, paid or being processed."""
    try:
        return checkout.start_payment(
            charge.pk, deadline=deadline, success_url=return_url, cancel_url=return_url
        )
    except NotPayable:
        return None
    except GatewayRefused as error:
        raise NotPossible(_("This amount can't be paid by card. Choose e-invoice.")) from error
    except GatewayError as error:
        raise PaymentUnavailable from error


def begin_charge_payment(
    membership_id: UUID | str, charge_id: UUID | str, *, return_url: str
) -> str:
    """The address of the hosted payment page for one charge of a membership that came about: an
    extra participant, a later season. Paid or not, it changes no state and frees no place.

    Raises NotPossible when nothing is to be paid, PaymentUnavailable when Stripe doesn't answer.
    """
    membership = Membership.objects.get(pk=membership_id)
    charge = _later_charge(membership, charge_id)
    _refuse_switched_off(membership, charge)
    payment = _hosted_page(charge, timezone.now() + PAGE_OPEN, return_url)
    return payment.session_url if payment else return_url


def charge_to_invoice(
    membership_id: UUID | str, charge_id: UUID | str, *, buyer: dict[str, str], actor: Actor
) -> None:
    """Get an e-invoice for one charge that was to be paid by card. The membership's own payment
    method and details stay. Raises NotPossible, PaymentUnavailable."""
    charge = _later_charge(Membership.objects.get(pk=membership_id), charge_id)
    try:
        is_closed = checkout.expire_attempts(charge.pk)
    except GatewayError as error:
        raise PaymentUnavailable from error
    if not is_closed:
        raise NotPossible(_("The payment has gone through meanwhile."))
    with transaction.atomic():
        membership = locked(membership_id)
        charge = _later_charge(membership, charge_id)
        if checkout.has_attempt_under_way(charge.pk):
            raise NotPossible(_("A payment is being made at this moment. Try again shortly."))
        charging.change_method(charge, PaymentMethod.INVOICE, buyer)
        audit.record(actor=actor, action="charge.to_invoice", subject=membership)


def _later_charge(membership: Membership, charge_id: UUID | str) -> Charge:
    charges = Charge.objects.filter(
        pk=charge_id,
        reference=reference(membership),
        state=ChargeState.OPEN,
        method=PaymentMethod.CARD,
    )
    charge = charges.first() if membership.state in (Status.ACTIVE, Status.ENDED) else None
    if charge is None:
        raise NotPossible(_("There is nothing to pay."))
    return charge


def ask_stripe(membership: Membership) -> None:
    """Bring an attempt under way up to date, for a buyer who is back before the webhook.

    Raises PaymentUnavailable when Stripe doesn't answer.
    """
    under_way = Payment.objects.filter(
        charge__reference=reference(membership), state__in=UNDER_WAY, session_id__isnull=False
    )
    try:
        for payment in under_way:
            checkout.sync_payment(payment.pk)
    except GatewayError as error:
        raise PaymentUnavailable from error


def change_to_invoice(membership_id: UUID | str, *, buyer: dict[str, str], actor: Actor) -> None:
    """Pay by e-invoice instead of by card: the membership becomes active on acceptance.

    Nothing was paid, so the address must have been proved: otherwise anyone could make a
    municipality owe money in a colleague's name. Raises NotPossible.
    """
    if not Membership.objects.filter(pk=membership_id, address_confirmed_at__isnull=False).exists():
        raise NotPossible(_("Confirm your address first, with the link that we have mailed you."))
    if not close_payment(membership_id):
        raise NotPossible(_("The payment has gone through meanwhile."))
    with transaction.atomic():
        membership = locked(membership_id)
        charge = open_charge(membership)
        if membership.state != Status.AWAITING_PAYMENT or charge is None:
            raise NotPossible(_("There is nothing to pay."))
        charging.change_method(charge, PaymentMethod.INVOICE, buyer)
        membership.method = PaymentMethod.INVOICE
        for name, value in buyer.items():
            setattr(membership, name, value)
        membership.save(update_fields=["method", *buyer])
        activate(membership, actor=actor, reason=_("Changed to e-invoice"))
