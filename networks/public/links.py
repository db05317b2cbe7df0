"""What mailed links lead to. A link shows; only a button (POST) acts: mail scanners open links."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django_ratelimit.core import is_ratelimited

from cms import links
from cms.audit import VISITOR
from cms.security import client_address
from networks.models import Membership
from networks.public.buyer_form import InvoiceInsteadForm
from networks.public.presentation import NetworkView
from networks.public.seasons import Price
from networks.rules.states import Status, TransitionNotAllowed
from networks.services import confirmation, lifecycle, people, settlement
from networks.services.confirmation import Confirmed
from networks.services.errors import NotPossible
from networks.services.settlement import PaymentUnavailable
from payments.models import Charge, ChargeState


class NewLinkForm(forms.Form):
    """Ask for a new personal link; the answer is the same for every address."""

    email = forms.EmailField(
        label=gettext_lazy("Work e-mail"),
        error_messages={"required": gettext_lazy("Write your work e-mail.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


LinkView = Callable[..., HttpResponse]


def opened_by(*purposes: str) -> Callable[[LinkView], Callable[..., HttpResponse]]:
    """The view gets the membership of a valid link; any other link shows how to get a new one."""

    def decorate(view: LinkView) -> Callable[..., HttpResponse]:
        @wraps(view)
        @never_cache
        def open_link(request: HttpRequest, token: str) -> HttpResponse:
            link = links.resolve(token, *purposes)
            membership = _membership_of(link)
            if membership is None:
                return _expired(request)
            try:
                response = view(request, membership, token)
            except (NotPossible, TransitionNotAllowed) as error:
                message = getattr(error, "message", _("This can't be done any more."))
                return _refused(request, membership, message, status=409)
            except PaymentUnavailable:
                message = _("The payment can't be closed just now. Try again in a moment.")
                return _refused(request, membership, message, status=503)
            # The token is in the address: it must not travel to another site. With no-referrer
            # browsers would send "Origin: null", and Django refuse the button.
            response["Referrer-Policy"] = "same-origin"
            response["X-Robots-Tag"] = "noindex"
            return response

        return open_link

    return decorate


def _refused(
    request: HttpRequest, membership: Membership, message: str, *, status: int
) -> HttpResponse:
    context = {"message": message, "network": membership.network}
    return render(request, "networks/signup/refused.html", context, status=status)


def _membership_of(link: links.Link | None) -> Membership | None:
    if link is None:
        return None
    key = link.subject.partition(":")[2]
    return (
        Membership.objects.select_related("network", "municipality", "contact", "first_season")
        .filter(pk=key)
        .first()
    )


def _expired(request: HttpRequest) -> HttpResponse:
    return render(request, "networks/signup/link_expired.html", {"form": NewLinkForm()}, status=410)


def _price(membership: Membership) -> Price | None:
    """What the membership costs if it proceeds now; None where it costs nothing."""
    quote = settlement.current_quote(membership)
    season = membership.first_season
    return Price(quote.net, season.vat_rate) if season and quote.net else None


def _posted_price(request: HttpRequest) -> int:
    posted = request.POST.get("accepted_net", "")
    return int(posted) if posted.isdigit() else 0


@opened_by("confirm")
def confirm(request: HttpRequest, membership: Membership, token: str) -> HttpResponse:
    """Prove the address, and say yes to the price once more where there is one."""
    rose = False
    if request.method == "POST":
        outcome, membership = confirmation.confirm(
            membership.pk, accepted_net=_posted_price(request)
        )
        if outcome != Confirmed.PRICE_ROSE:
            return _confirmed(request, outcome, membership, token)
        rose = True
    price = _price(membership) if membership.state == Status.UNCONFIRMED else None
    context = {
        "membership": membership,
        "network": membership.network,
        "view": NetworkView(membership.network),
        "price": price,
        "accepted_net": price.net if price else 0,
        "price_rose": rose or (price is not None and price.net > membership.accepted_net),
    }
    return render(request, "networks/signup/confirm.html", context)


def _confirmed(
    request: HttpRequest, outcome: Confirmed, membership: Membership, token: str
) -> HttpResponse:
    """After the button: on to payment, or what happens next with a way to "my membership"."""
    if outcome == Confirmed.PAY:
        return redirect("payment", token=_issue(membership, "pay"))
    if outcome == Confirmed.OFFERED:
        return redirect("accept", token=_issue(membership, "accept"))
    personal = ""
    if outcome in (Confirmed.ACTIVE, Confirmed.WAITLISTED, Confirmed.PENDING_APPROVAL):
        # The address was proved just now, so the link may be handed out on the screen.
        personal = reverse("membership", args=[_issue(membership, "membership")])
    context = {
        "outcome": outcome,
        "membership": membership,
        "network": membership.network,
        "membership_url": personal,
    }
    return render(request, "networks/signup/confirmed.html", context)


def _issue(membership: Membership, purpose: str) -> str:
    return links.issue(
        purpose=purpose,
        subject=f"{Membership._meta.label_lower}:{membership.pk}",
        lifetime=timedelta(days=30),
    )


@opened_by("accept")
def accept(request: HttpRequest, membership: Membership, token: str) -> HttpResponse:
    """An offered place, or a price that has risen: yes, or no thanks."""
    rose = False
    if request.method == "POST" and "decline" in request.POST:
        membership = lifecycle.withdraw(membership.pk, actor=VISITOR, reason=_("Declined"))
        return render(
            request,
            "networks/signup/confirmed.html",
            {"outcome": "declined", "membership": membership, "network": membership.network},
        )
    if request.method == "POST":
        outcome, membership = confirmation.accept(
            membership.pk, accepted_net=_posted_price(request)
        )
        if outcome != Confirmed.PRICE_ROSE:
            return _confirmed(request, outcome, membership, token)
        rose = True
    price = _price(membership)
    context = {
        "membership": membership,
        "network": membership.network,
        "view": NetworkView(membership.network),
        "price": price,
        "accepted_net": price.net if price else 0,
        "price_rose": rose or (price is not None and price.net > membership.accepted_net),
        "deadline": membership.deadline,
        "is_offer": membership.state == Status.OFFERED,
    }
    return render(request, "networks/signup/offer.html", context)


@opened_by("pay", "membership")
def payment(request: HttpRequest, membership: Membership, token: str) -> HttpResponse:
    """Where the buyer comes back to, tells the truth in every order of events, and tries again."""
    form = InvoiceInsteadForm(initial=membership.buyer())
    unavailable = False
    if request.method == "POST" and "invoice" in request.POST:
        form = InvoiceInsteadForm(request.POST)
        if form.is_valid():
            buyer = form.buyer(
                membership.municipality, membership.contact.name, membership.contact.email
            )
            settlement.change_to_invoice(membership.pk, buyer=buyer, actor=VISITOR)
            return redirect("payment", token=token)
    elif request.method == "POST" and membership.state == Status.AWAITING_PAYMENT:
        own_page = request.build_absolute_uri(reverse("payment", args=[token]))
        try:
            target = settlement.begin_payment(membership.pk, return_url=own_page)
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
        settlement.ask_stripe(membership)
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


@opened_by("membership")
def membership(request: HttpRequest, membership: Membership, token: str) -> HttpResponse:
    """ "My membership": status, meetings, participants, charges; the way to cancel."""
    context = {
        "membership": membership,
        "network": membership.network,
        "view": NetworkView(membership.network),
        "token": token,
        "participants": membership.participants.all(),
        "charges": Charge.objects.filter(
            reference=f"{Membership._meta.label_lower}:{membership.pk}"
        ),
        "can_cancel": membership.state == Status.ACTIVE and membership.cancelled_at is None,
        "can_withdraw": membership.state
        in (Status.WAITLISTED, Status.PENDING_APPROVAL, Status.OFFERED, Status.AWAITING_PAYMENT),
        "awaits_payment": membership.state == Status.AWAITING_PAYMENT,
    }
    return render(request, "networks/my_membership.html", context)


@opened_by("membership")
def cancel(request: HttpRequest, membership: Membership, token: str) -> HttpResponse:
    """Cancel, with the effective date shown before it is confirmed; or withdraw what is not
    active yet."""
    active = membership.state == Status.ACTIVE
    if request.method == "POST":
        reason = request.POST.get("reason", "")[:500]
        if active:
            lifecycle.cancel(membership.pk, actor=VISITOR, reason=reason)
        else:
            lifecycle.withdraw(membership.pk, actor=VISITOR, reason=reason)
        return redirect("membership", token=token)
    context = {
        "membership": membership,
        "network": membership.network,
        "token": token,
        "is_active": active,
        "ends_on": lifecycle.cancellation_date(membership) if active else None,
        "is_credited": active and lifecycle.first_season_is_not_owed(membership),
        "last_cancellation": (
            membership.first_season.terms().last_cancellation if membership.first_season else None
        ),
    }
    return render(request, "networks/my_membership_cancel.html", context)


@never_cache
def new_link(request: HttpRequest) -> HttpResponse:
    """ "Send me a new link": the answer is the same for known and unknown addresses."""
    form = NewLinkForm(request.POST or None)
    sent = False
    if request.method == "POST" and form.is_valid():
        limited = is_ratelimited(
            request,
            group="new_link",
            key=lambda _group, current: client_address(current),
            rate=settings.NEW_LINK_RATE,
            method="POST",
            increment=True,
        )
        if not limited:
            people.request_links(form.cleaned_data["email"])
        sent = True
    return render(request, "networks/signup/new_link.html", {"form": form, "sent": sent})
