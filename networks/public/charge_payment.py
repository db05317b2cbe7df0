"""Paying one charge of a membership that is active: an extra participant, a later season."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from cms.audit import VISITOR, reference
from networks.models import Membership
from networks.public.buyer_form import InvoiceInsteadForm
from networks.public.member_page import MONEY, Visit, member_page, member_view
from networks.rules.states import Status
from networks.services import paying
from networks.services.paying import PaymentUnavailable
from payments.models import Charge, ChargeState, PaymentMethod, PaymentState
from payments.services import charging


@member_view(MONEY)
def charge_payment(request: HttpRequest, visit: Visit, charge_id: UUID) -> HttpResponse:
    """Where the buyer comes back to, and tells the truth in every order of events."""
    membership = visit.membership
    charge = _charge(membership, charge_id)
    if membership.state == Status.AWAITING_PAYMENT:
        return redirect("payment", token=visit.token)
    form = InvoiceInsteadForm(
        request.POST if "invoice" in request.POST else None, initial=membership.buyer()
    )
    unavailable = False
    own_page = reverse("charge_payment", args=[visit.token, charge.pk])
    if form.is_bound and form.is_valid():
        buyer = form.buyer(
            membership.municipality, membership.contact.name, membership.contact.email
        )
        paying.charge_to_invoice(membership.pk, charge.pk, buyer=buyer, actor=VISITOR)
        return redirect(own_page)
    try:
        if request.method == "POST" and not form.is_bound:
            target = paying.begin_charge_payment(
                membership.pk, charge.pk, return_url=request.build_absolute_uri(own_page)
            )
            return HttpResponseRedirect(target, status=303)
        paying.ask_stripe(membership)
    except PaymentUnavailable:
        unavailable = True
    charge = _charge(membership, charge_id)
    context = {
        "charge": charge,
        "left": charge.gross - charge.credited,
        "owed": charging.still_owed(charge),
        "state": _state(charge),
        "received": charging.received(charge) if charge.state == ChargeState.OPEN else 0,
        "by_card": paying.may_pay_by_card(membership.network, charge),
        "form": form,
        "unavailable": unavailable,
    }
    status = 422 if form.errors else 200
    return member_page(request, visit, "networks/my/charge_payment.html", context, status)


def _charge(membership: Membership, key: UUID) -> Charge:
    charge: Charge | None = Charge.objects.filter(pk=key, reference=reference(membership)).first()
    if charge is None:
        raise Http404
    return charge


def _state(charge: Charge) -> str:
    """paid, credited, processing, open (to be paid by card) or invoice."""
    if charge.state != ChargeState.OPEN:
        return str(charge.state)
    if charge.payments.filter(state=PaymentState.PROCESSING).exists():
        return "processing"
    return "open" if charge.method == PaymentMethod.CARD else "invoice"
