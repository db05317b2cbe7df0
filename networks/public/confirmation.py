"""What mailed links lead to. A link shows; only a button (POST) acts: mail scanners open links."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cms import links
from cms.audit import VISITOR
from networks.models import Membership
from networks.public.personal_link import opened_by
from networks.public.presentation import NetworkView
from networks.public.price_field import posted_price
from networks.public.seasons import Price
from networks.rules.states import Status
from networks.services import confirmation, lifecycle, settlement
from networks.services.confirmation import Confirmed


def _price(membership: Membership) -> Price | None:
    """What the membership costs if it proceeds now; None where it costs nothing."""
    quote = settlement.current_quote(membership)
    season = membership.first_season
    return Price(quote.net, season.vat_rate) if season and quote.net else None


@opened_by("confirm")
def confirm(request: HttpRequest, membership: Membership, token: str) -> HttpResponse:
    """Prove the address, and say yes to the price once more where there is one."""
    rose = False
    if request.method == "POST":
        outcome, membership = confirmation.confirm(
            membership.pk, accepted_net=posted_price(request.POST.get("accepted_net"))
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
        address=membership.contact.email,
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
            membership.pk, accepted_net=posted_price(request.POST.get("accepted_net"))
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
