""" "My membership": who comes to which meeting. The contact names, swaps and takes off; whoever
comes can give back their own seat."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from cms.audit import VISITOR
from networks.models import Membership, Participant, Seat, Unit
from networks.public.member_page import (
    CONTACT,
    EVERYONE,
    MemberView,
    Visit,
    member_page,
    member_view,
)
from networks.public.naming_forms import CHOSEN, CorrectionForm, NamingForm, WhoForm
from networks.public.seasons import MeetingView, Price
from networks.rules.eligibility import normalise_email
from networks.rules.states import Status
from networks.services import participants as service
from networks.services.capacities import Capacity
from networks.services.errors import NotPossible
from networks.services.extras import PriceToAccept
from networks.services.participant_rights import NotEligible
from networks.services.seat_overview import MeetingSeats, overview

#: Said once above the list, after what was done.
DONE = {
    "tilfoejet": _("The participant is named, and gets an invitation by e-mail."),
    "byttet": _("The participants are swapped. Both are told by e-mail."),
    "frigivet": _("The seat is given back. The participant is told by e-mail."),
    "fjernet": _("The participant is taken off, and told by e-mail."),
    "rettet": _("It has been corrected."),
}


def of_members(allowed: frozenset[Capacity]) -> Callable[[MemberView], MemberView]:
    """A page of active memberships; there is no such page for others."""

    def decorate(view: MemberView) -> MemberView:
        @wraps(view)
        def open_page(request: HttpRequest, visit: Visit, **kwargs: Any) -> HttpResponseBase:
            if visit.membership.state != Status.ACTIVE:
                raise Http404
            return view(request, visit, **kwargs)

        return member_view(allowed)(open_page)

    return decorate


@dataclass(frozen=True)
class MeetingRow:
    """A coming meeting as the page shows it."""

    seats: MeetingSeats
    own_address: str

    @cached_property
    def view(self) -> MeetingView:
        return MeetingView(self.seats.meeting, is_past=False)

    @property
    def price(self) -> Price | None:
        """Of one more person; None where none can come, or it costs nothing."""
        net = self.seats.price_net
        return Price(net, self.seats.meeting.season.vat_rate) if net else None

    @property
    def can_add(self) -> bool:
        return self.seats.is_open and self.seats.price_net is not None

    @property
    def free_places(self) -> range:
        """One for each seat without a name."""
        return range(self.seats.free or 0)

    @property
    def own_seat(self) -> Seat | None:
        mine = (s for s in self.seats.seats if s.participant.email == self.own_address)
        return next(mine, None)


@of_members(EVERYONE)
def participants(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Every coming meeting with its seats, and everybody who is named."""
    address = normalise_email(visit.address)
    people = list(_people(visit.membership))
    context = {
        "rows": [MeetingRow(row, address) for row in overview(visit.membership)],
        "standing": [person for person in people if person.standing],
        "others": [person for person in people if not person.standing],
        "is_personal": visit.membership.unit == Unit.PERSON,
        "own_address": address,
        "done": DONE.get(request.GET.get("gjort", "")),
    }
    return member_page(request, visit, "networks/my/participants.html", context)


@of_members(CONTACT)
def name(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Name a colleague, standing or for chosen meetings. What costs is shown with its price, and
    the same form is sent again with a yes to it."""
    membership = visit.membership
    chosen = request.GET.get("moede", "")
    form = NamingForm(
        request.POST or None,
        rows=overview(membership),
        people=list(_people(membership)),
        only_known=membership.unit == Unit.PERSON,
        initial={"scope": CHOSEN, "meetings": [chosen]} if chosen else {},
    )
    price = None
    if request.method == "POST" and form.is_valid():
        try:
            service.name(
                membership.pk,
                form.wanted,
                actor=VISITOR,
                as_extra=form.cleaned_data["as_extra"],
                accepted_net=form.cleaned_data["accepted_net"] or 0,
            )
            return _done(visit, "tilfoejet")
        except PriceToAccept as offered:
            price = offered
        except NotPossible as error:
            _refuse(form, error)
    context = {
        "form": form,
        "price": Price(price.net, price.vat_rate) if price else None,
        "is_extra": price is not None and price.is_extra,
        "has_risen": price is not None and bool(form.cleaned_data["accepted_net"]),
    }
    status = 422 if form.errors else 200
    return member_page(request, visit, "networks/my/participant_name.html", context, status)


@of_members(CONTACT)
def swap(request: HttpRequest, visit: Visit, meeting: int, participant: int) -> HttpResponse:
    """Send another to one meeting."""
    row, seat = _seat(visit.membership, meeting, participant)
    coming = {each.participant_id for each in row.seats}
    form = WhoForm(
        request.POST or None,
        people=[person for person in _people(visit.membership) if person.pk not in coming],
    )
    if request.method == "POST" and form.is_valid():
        try:
            service.swap(
                visit.membership.pk,
                meeting,
                leaving=participant,
                entry=form.entry(),
                actor=VISITOR,
            )
            return _done(visit, "byttet")
        except NotPossible as error:
            _refuse(form, error)
    context = {"form": form, "seat": seat, "meeting": MeetingView(row.meeting, is_past=False)}
    status = 422 if form.errors else 200
    return member_page(request, visit, "networks/my/participant_swap.html", context, status)


@of_members(EVERYONE)
def give_back(request: HttpRequest, visit: Visit, meeting: int, participant: int) -> HttpResponse:
    """Give a seat at one meeting back; the contact any, everybody else their own."""
    row, seat = _seat(visit.membership, meeting, participant)
    if not visit.is_contact and seat.participant.email != normalise_email(visit.address):
        raise Http404
    if request.method == "POST":
        service.give_back(visit.membership.pk, meeting, participant_id=participant, actor=VISITOR)
        return _done(visit, "frigivet")
    context = {
        "seat": seat,
        "meeting": MeetingView(row.meeting, is_past=False),
        "is_paid": bool(seat.charge_key),
        "is_own": seat.participant.email == normalise_email(visit.address),
    }
    return member_page(request, visit, "networks/my/participant_give_back.html", context)


@of_members(CONTACT)
def take_off(request: HttpRequest, visit: Visit, participant: int) -> HttpResponse:
    """The colleague is no longer sent to any meeting."""
    person = _person(visit.membership, participant)
    if request.method == "POST":
        service.take_off(visit.membership.pk, person.pk, actor=VISITOR)
        return _done(visit, "fjernet")
    rows = [row for row in overview(visit.membership) if row.comes(person)]
    context = {
        "person": person,
        "meetings": [MeetingView(row.meeting, is_past=False) for row in rows],
        "is_paid": any(
            seat.charge_key
            for row in rows
            for seat in row.seats
            if seat.participant_id == person.pk
        ),
    }
    return member_page(request, visit, "networks/my/participant_off.html", context)


@of_members(CONTACT)
def correct(request: HttpRequest, visit: Visit, participant: int) -> HttpResponse:
    """Correct a participant's name and job title."""
    person = _person(visit.membership, participant)
    form = CorrectionForm(
        request.POST or None, initial={"name": person.name, "job_title": person.job_title}
    )
    if request.method == "POST" and form.is_valid():
        service.correct(visit.membership.pk, person.pk, actor=VISITOR, **form.cleaned_data)
        return _done(visit, "rettet")
    status = 422 if form.errors else 200
    context = {"form": form, "person": person}
    return member_page(request, visit, "networks/my/participant_correct.html", context, status)


def _people(membership: Membership) -> Any:
    return membership.participants.filter(left_at__isnull=True).order_by("name", "pk")


def _person(membership: Membership, key: int) -> Participant:
    person: Participant | None = _people(membership).filter(pk=key).first()
    if person is None:
        raise Http404
    return person


def _seat(membership: Membership, meeting: int, participant: int) -> tuple[MeetingSeats, Seat]:
    """The seat of a participant at a coming meeting, with the meeting."""
    for row in overview(membership):
        for seat in row.seats:
            if row.meeting.pk == meeting and seat.participant_id == participant:
                return row, seat
    raise Http404


def _refuse(form: WhoForm, error: NotPossible) -> None:
    """Who may not come is said at the address; anything else above the form."""
    at_address = isinstance(error, NotEligible) and "email" in form.fields and form.known is None
    form.add_error("email" if at_address else None, error.message)


def _done(visit: Visit, what: str) -> HttpResponse:
    response = redirect("membership_participants", token=visit.token)
    response["Location"] += f"?gjort={what}"
    return response
