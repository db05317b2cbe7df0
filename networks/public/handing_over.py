"""Handing a role to a colleague: from "my membership", and the colleague's answer by link."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from cms.audit import VISITOR
from networks.models import Handover, HandoverKind, RequestState, Unit
from networks.public.member_page import MONEY, Visit, member_page, member_view, posted
from networks.public.own_data_forms import HandoverForm
from networks.public.personal_link import opened_by
from networks.services import handovers, people
from networks.services.errors import NotPossible

Kind = tuple[str, Any]

ROLE_LABELS = {
    HandoverKind.CONTACT: _("The role of contact: speaks for the membership, names participants"),
    HandoverKind.INVOICE_CONTACT: _("The role of invoice contact: gets the invoices"),
    HandoverKind.SUCCESSOR: _("The membership itself, to a successor"),
}


def kinds_for(visit: Visit) -> list[Kind]:
    """What this visitor may hand over: the contact both roles, the invoice contact its own."""
    kinds = [HandoverKind.INVOICE_CONTACT]
    if visit.is_contact:
        by_person = visit.membership.unit == Unit.PERSON
        kinds.insert(0, HandoverKind.SUCCESSOR if by_person else HandoverKind.CONTACT)
    return [(kind.value, ROLE_LABELS[kind]) for kind in kinds]


@member_view(MONEY)
def hand_over(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Offer a role to a colleague; and what waits for an answer."""
    kinds = kinds_for(visit)
    form = HandoverForm(posted(request), kinds=kinds)
    if request.method == "POST" and form.is_valid():
        try:
            handovers.offer(
                visit.membership.pk,
                kinds=form.chosen,
                actor=VISITOR,
                **{name: form.cleaned_data[name] for name in ("name", "email", "text")},
            )
        except NotPossible as error:
            form.add_error(None, error.message)
        else:
            return redirect("membership_handover", token=visit.token)
    waiting = visit.membership.handovers.filter(
        state=RequestState.WAITING, kind__in=[kind for kind, _label in kinds]
    )
    context = {"form": form, "waiting": waiting, "only": kinds[0][1] if len(kinds) == 1 else ""}
    status = 422 if form.errors else 200
    return member_page(request, visit, "networks/my/handover.html", context, status)


@member_view(MONEY)
@require_POST
def withdraw(request: HttpRequest, visit: Visit, key: int) -> HttpResponse:
    """Take back what was offered and waits."""
    handover = get_object_or_404(
        visit.membership.handovers, pk=key, kind__in=[kind for kind, _label in kinds_for(visit)]
    )
    handovers.withdraw(handover.pk, actor=VISITOR)
    return redirect("membership_handover", token=visit.token)


# The colleague ------------------------------------------------------------------------------------


def rows() -> QuerySet[Handover]:
    return Handover.objects.select_related(
        "membership__network",
        "membership__municipality",
        "membership__contact",
        "membership__invoice_contact",
    )


@opened_by("handover", rows=(rows,))
def answer(request: HttpRequest, handover: Handover, token: str) -> HttpResponse:
    """The colleague takes the roles on, or says no thanks."""
    together = handovers.offered_together(handover)
    if request.method == "POST" and "decline" in request.POST:
        handover = handovers.refuse(handover.pk)
        return _answered(request, handover)
    if request.method == "POST":
        handover = handovers.accept(handover.pk)
        return _answered(request, handover)
    if handover.state != RequestState.WAITING or handover.confirmed_at:
        return _answered(request, handover)
    context = {
        "handover": handover,
        "membership": handover.membership,
        "network": handover.membership.network,
        "roles": [ROLE_LABELS[HandoverKind(row.kind)] for row in together],
    }
    return render(request, "networks/my/handover_answer.html", context)


def _answered(request: HttpRequest, handover: Handover) -> HttpResponse:
    """What became of it; to the new holder, whose address the link has proved, the way on."""
    personal = ""
    if request.method == "POST" and handover.state == RequestState.ACCEPTED:
        personal = people.link_on_screen(handover.membership, handover.email)
    context = {
        "handover": handover,
        "network": handover.membership.network,
        "token": personal,
        "awaits_administrator": handover.state == RequestState.WAITING,
    }
    return render(request, "networks/my/handover_answered.html", context)
