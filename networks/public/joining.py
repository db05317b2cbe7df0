"""A colleague wants to come along: the contact answers, by the mailed link or from the overview."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from cms.audit import VISITOR
from networks.models import JoinRequest, RequestState
from networks.public.member_page import CONTACT, Visit, member_page, member_view
from networks.public.personal_link import link_expired, opened_by
from networks.services import requests


def rows() -> QuerySet[JoinRequest]:
    return JoinRequest.objects.select_related(
        "membership__network", "membership__municipality", "membership__contact"
    )


@opened_by("join", rows=(rows,))
def answer(request: HttpRequest, asked: JoinRequest, token: str) -> HttpResponse:
    """By the mailed link; it opens this one request, for whoever is contact now."""
    if request.link.address != asked.membership.contact.email:  # type: ignore[attr-defined]
        return link_expired(request)
    if request.method == "POST":
        _answer(request, asked)
        asked.refresh_from_db()
    return render(request, "networks/my/join_by_link.html", _context(asked))


@member_view(CONTACT)
def answer_own(request: HttpRequest, visit: Visit, key: int) -> HttpResponse:
    """From "my membership"."""
    asked = get_object_or_404(visit.membership.join_requests, pk=key)
    asked.membership = visit.membership
    if request.method == "POST":
        _answer(request, asked)
        return redirect("membership_join", token=visit.token, key=asked.pk)
    return member_page(request, visit, "networks/my/join.html", _context(asked))


def _answer(request: HttpRequest, asked: JoinRequest) -> None:
    if "decline" in request.POST:
        text = request.POST.get("text", "").replace("\x00", "")[:1000]
        requests.turn_down(asked.pk, actor=VISITOR, text=text)
    else:
        requests.take_in(asked.pk, actor=VISITOR)


def _context(asked: JoinRequest) -> dict[str, object]:
    return {
        "asked": asked,
        "membership": asked.membership,
        "network": asked.membership.network,
        "is_waiting": asked.state == RequestState.WAITING,
        "is_accepted": asked.state == RequestState.ACCEPTED,
    }
