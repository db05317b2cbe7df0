"""What a member does by personal link: pay, see the membership, leave."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse

from cms.audit import VISITOR, reference
from networks.models import Membership
from networks.public.buyer_form import InvoiceInsteadForm
from networks.public.member_page import CONTACT, MONEY, Visit, member_page, member_view
from networks.public.personal_link import opened_by
from networks.public.presentation import NetworkView
from networks.rules.states import Status
from networks.services import lifecycle, paying
from networks.services.paying import PaymentUnavailable
from payments.models import Charge, ChargeState


@opened_by("pay", "membership")
def payment(request: HttpRequest, membership: Membership, token: str) -> HttpResponse:
    """Where the buyer comes back to, tells the truth in every order of events, and tries again."""
    # Not filled in beforehand: a link to pay is no proof of who reads it.
    form = InvoiceInsteadForm()
    unavailable = False
    if request.method == "POST" and "invoice" in request.POST:
        form = InvoiceInsteadForm(request.POST)
        if form.is_valid():
            buyer = form.buyer(
                membership.municipality, membership.contact.name, membership.contact.email
            )
            paying.change_to_invoice(membership.pk, buyer=buyer, actor=VISITOR)
            return redirect("payment", token=token)
    elif request.method == "POST" and membership.state == Status.AWAITING_PAYMENT:
        own_page = request.build_absolute_uri(reverse("payment", args=[token]))
        try:
            target = paying.begin_payment(membership.pk, return_url=own_page)
            return HttpResponseRedirect(target, status=303)
        except PaymentUnavailable:
            unavailable = True
    else:
        unavailable = not _ask_stripe(membership)
    membership.refresh_from_db()
    return render(
        request,
        "networks/signup/payment.html",
        {**_payment_context(membership), "form": form, "unavailable": unavailable},
        status=422 if form.errors else 200,
    )


def _ask_stripe(membership: Membership) -> bool:
    """Bring an attempt under way up to date, for a buyer who is back before the webhook."""
    try:
        paying.ask_stripe(membership)
    except PaymentUnavailable:
        return False
    return True


def _payment_context(membership: Membership) -> dict[str, Any]:
    charge = Charge.objects.filter(
        reference=f"{Membership._meta.label_lower}:{membership.pk}"
    ).first()
    processing = bool(charge and charge.payments.filter(state="processing").exists())
    state = "closed"
    if charge and charge.state == ChargeState.PAID:
        state = "paid"
    elif processing:
        state = "processing"
    elif membership.state == Status.AWAITING_PAYMENT:
        state = "open"
    elif membership.state == Status.ACTIVE:
        state = "invoice"
    return {
        "membership": membership,
        "network": membership.network,
        "charge": charge,
        "state": state,
        "deadline": membership.deadline,
        "address_confirmed": membership.address_confirmed_at is not None,
    }


@member_view()
def membership(request: HttpRequest, visit: Visit) -> HttpResponse:
    """ "My membership": status, meetings, participants, charges; the way to cancel."""
    membership = visit.membership
    context = {
        "view": NetworkView(membership.network),
        "participants": membership.participants.filter(left_at__isnull=True),
        "charges": (
            Charge.objects.filter(reference=reference(membership)) if visit.may(MONEY) else []
        ),
        "can_cancel": visit.is_contact
        and membership.state == Status.ACTIVE
        and membership.cancelled_at is None,
        "can_withdraw": visit.is_contact
        and membership.state
        in (Status.WAITLISTED, Status.PENDING_APPROVAL, Status.OFFERED, Status.AWAITING_PAYMENT),
        "awaits_payment": visit.may(MONEY) and membership.state == Status.AWAITING_PAYMENT,
    }
    return member_page(request, visit, "networks/my/overview.html", context)


@member_view(CONTACT)
def cancel(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Cancel, with the effective date shown before it is confirmed; or withdraw what is not
    active yet."""
    membership = visit.membership
    active = membership.state == Status.ACTIVE
    if request.method == "POST":
        reason = request.POST.get("reason", "")[:500]
        if active:
            lifecycle.cancel(membership.pk, actor=VISITOR, reason=reason)
        else:
            lifecycle.withdraw(membership.pk, actor=VISITOR, reason=reason)
        return redirect("membership", token=visit.token)
    context = {
        "is_active": active,
        "ends_on": lifecycle.cancellation_date(membership) if active else None,
        "is_credited": active and lifecycle.first_season_is_not_owed(membership),
        "last_cancellation": (
            membership.first_season.terms().last_cancellation if membership.first_season else None
        ),
    }
    return member_page(request, visit, "networks/my/cancel.html", context)
