"""What a member does by personal link: pay, see the membership, leave."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from cms.audit import VISITOR
from networks.models import Membership, Seat
from networks.public.buyer_form import InvoiceInsteadForm
from networks.public.cancel_form import CancelForm
from networks.public.member_page import CONTACT, MONEY, Visit, member_page, member_view, posted
from networks.public.personal_link import link_expired, opened_by
from networks.public.seasons import MeetingView
from networks.public.tasks import tasks_of
from networks.rules.states import Status
from networks.services import leaving, lifecycle, paying, people, returning_seats
from networks.services.capacities import CAPACITY_LABELS, Capacity, capacities_of
from networks.services.meeting_seats import coming_meetings
from networks.services.paying import PaymentUnavailable
from networks.services.settlement import first_charge_key
from payments.models import Charge, ChargeState


@opened_by("pay", "membership")
def payment(request: HttpRequest, membership: Membership, token: str) -> HttpResponse:
    """Where the buyer comes back to, tells the truth in every order of events, and tries again."""
    link = request.link  # type: ignore[attr-defined]
    address = link.address or membership.contact.email
    if link.purpose == "membership" and not capacities_of(membership, address) & MONEY:
        return link_expired(request)
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
    # Of later charges (an extra participant, a new season) other pages tell.
    charge = Charge.objects.filter(key=first_charge_key(membership)).first()
    processing = bool(charge and charge.payments.filter(state="processing").exists())
    state = "closed"
    if charge and charge.state == ChargeState.PAID:
        state = "paid"
    elif processing:
        state = "processing"
    elif membership.state == Status.AWAITING_PAYMENT:
        state = "open"
    elif charge and charge.paid_at:
        state = "refunded"
    elif membership.state == Status.ACTIVE:
        state = "invoice"
    return {
        "membership": membership,
        "network": membership.network,
        "charge": charge,
        "state": state,
        "deadline": membership.deadline,
        "by_card": charge is not None and paying.may_pay_by_card(membership.network, charge),
        "address_confirmed": membership.address_confirmed_at is not None,
    }


@member_view()
def membership(request: HttpRequest, visit: Visit) -> HttpResponse:
    """ "My membership": where it stands, what comes next, and what is to be done."""
    membership = visit.membership
    is_member = membership.state == Status.ACTIVE
    coming = coming_meetings(membership) if is_member else []
    dated = next((meeting for meeting in coming if meeting.starts_at), None)
    can_undo = visit.is_contact and is_member and membership.cancelled_at is not None
    context = {
        "tasks": tasks_of(visit, dated),
        "next_meeting": MeetingView(dated, is_past=False) if dated else None,
        "comes_next": (
            Seat.objects.current()
            .filter(membership=membership, meeting=dated)
            .select_related("participant")
            if dated
            else []
        ),
        "roles": [CAPACITY_LABELS[capacity] for capacity in Capacity if visit.may({capacity})],
        "others": people.other_memberships(membership, visit.address) if visit.is_proved else [],
        "can_cancel": visit.is_contact and is_member and membership.cancelled_at is None,
        "can_undo": can_undo,
        "not_back": returning_seats.not_back(membership) if can_undo else [],
        "can_withdraw": visit.is_contact
        and membership.state
        in (Status.WAITLISTED, Status.PENDING_APPROVAL, Status.OFFERED, Status.AWAITING_PAYMENT),
    }
    return member_page(request, visit, "networks/my/overview.html", context)


@member_view()
@require_POST
def open_other(request: HttpRequest, visit: Visit, other: UUID) -> HttpResponse:
    """On to another membership of the address that this link was sent to."""
    if not visit.is_proved:
        return link_expired(request)
    purpose, token = people.open_other(other, visit.address)
    return redirect(purpose, token=token)


@member_view(CONTACT)
@require_POST
def answer_offer(request: HttpRequest, visit: Visit) -> HttpResponse:
    """On to the place that is offered, without looking for the mail."""
    if visit.membership.state != Status.OFFERED:
        return redirect("membership", token=visit.token)
    token = people.link_on_screen(visit.membership, visit.membership.contact.email, "accept")
    return redirect("accept", token=token)


@member_view(CONTACT)
def cancel(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Cancel, with the effective date shown before it is confirmed; or withdraw what is not
    active yet."""
    membership = visit.membership
    active = membership.state == Status.ACTIVE
    form = CancelForm(posted(request), may_choose_day=active and membership.network.free_of_charge)
    if request.method == "POST" and form.is_valid():
        if active:
            lifecycle.cancel(membership.pk, actor=VISITOR, **form.cleaned_data)
        else:
            lifecycle.withdraw(membership.pk, actor=VISITOR)
        return redirect("membership", token=visit.token)
    consequences = leaving.consequences(membership) if active else None
    is_cancelled = membership.cancelled_at is not None
    context = {
        "form": form,
        "is_active": active,
        "is_cancelled": is_cancelled,
        "not_back": returning_seats.not_back(membership) if active and is_cancelled else [],
        "ends_on": consequences.last_day if consequences else None,
        "is_credited": consequences is not None and consequences.credits_something,
        "has_season": membership.first_season_id is not None,
    }
    status = 422 if form.errors else 200
    return member_page(request, visit, "networks/my/cancel.html", context, status=status)


@member_view(CONTACT)
@require_POST
def undo_cancellation(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Stay after all, while the cancellation has not taken effect. Where a seat could not come
    back, the answer says so."""
    undone = lifecycle.undo_cancellation(visit.membership.pk, actor=VISITOR)
    if not undone.lost:
        return redirect("membership", token=visit.token)
    visit = replace(visit, membership=undone.membership)
    return member_page(request, visit, "networks/my/undone.html", {"lost": undone.lost})
