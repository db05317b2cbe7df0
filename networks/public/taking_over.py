"""The contact has left: a colleague asks to take over, proves the address, may be objected to."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django_ratelimit.core import is_ratelimited

from cms.security import client_address
from networks.models import Handover, RequestState
from networks.public.handing_over import rows
from networks.public.member_page import posted
from networks.public.own_data_forms import ContactLeftForm
from networks.public.personal_link import link_expired, opened_by
from networks.services import take_overs


@never_cache
def contact_left(request: HttpRequest) -> HttpResponse:
    """The answer is the same whoever is a member and whoever asks."""
    form = ContactLeftForm(posted(request), initial={"network": request.GET.get("netvaerk", "")})
    sent = request.method == "POST" and form.is_valid()
    if sent and not _is_limited(request):
        asked: dict[str, Any] = dict(form.cleaned_data)
        network, municipality = asked.pop("network"), asked.pop("municipality")
        take_overs.ask_to_take_over(network, municipality.pk, **asked)
    context = {"form": form, "sent": sent, "network": None}
    status = 422 if form.errors else 200
    return render(request, "networks/my/contact_left.html", context, status=status)


def _is_limited(request: HttpRequest) -> bool:
    return bool(
        is_ratelimited(
            request,
            group="contact_left",
            key=lambda _group, current: client_address(current),
            rate=settings.NEW_LINK_RATE,
            method="POST",
            increment=True,
        )
    )


@opened_by("take_over", rows=(rows,))
def confirm(request: HttpRequest, handover: Handover, token: str) -> HttpResponse:
    """The asker proves the address; then the contact is told, and an administrator decides."""
    if request.method == "POST":
        handover = take_overs.confirm_take_over(handover.pk)
    context = {
        "handover": handover,
        "membership": handover.membership,
        "network": handover.membership.network,
        "is_confirmed": handover.confirmed_at is not None,
        "is_waiting": handover.state == RequestState.WAITING,
    }
    return render(request, "networks/my/take_over.html", context)


@opened_by("objection", rows=(rows,))
def objection(request: HttpRequest, handover: Handover, token: str) -> HttpResponse:
    """The contact says: I am still here. Only who is contact now can say so."""
    if request.link.address != handover.membership.contact.email:  # type: ignore[attr-defined]
        return link_expired(request)
    if request.method == "POST":
        handover = take_overs.object_to(handover.pk)
    context = {
        "handover": handover,
        "membership": handover.membership,
        "network": handover.membership.network,
        "is_waiting": handover.state == RequestState.WAITING,
    }
    return render(request, "networks/my/objection.html", context)
