""" "My membership": who opened the link, what they may see there, and the pages it has."""

from collections.abc import Callable, Set
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms.audit import reference
from networks.models import Membership
from networks.public.personal_link import link_expired, opened_by
from networks.rules.states import Status
from networks.services.capacities import Capacity, capacities_of
from payments.models import Charge

EVERYONE = frozenset(Capacity)
CONTACT = frozenset({Capacity.CONTACT})
MONEY = frozenset({Capacity.CONTACT, Capacity.INVOICE_CONTACT})


@dataclass(frozen=True)
class Visit:
    """One opening of a personal link: which membership, from whom, in which capacities."""

    membership: Membership
    token: str
    address: str
    capacities: frozenset[Capacity]
    #: The link was sent to the address, so that opening it proves the address.
    is_proved: bool = True

    @property
    def is_contact(self) -> bool:
        return Capacity.CONTACT in self.capacities

    def may(self, allowed: Set[Capacity]) -> bool:
        return bool(self.capacities & allowed)


MemberView = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Page:
    """A page of "my membership" in its menu. ``members_only``: for active memberships."""

    url_name: str
    label: str | Promise
    allowed: frozenset[Capacity]
    members_only: bool = False
    #: None: always.
    shown: Callable[[Membership], bool] | None = None


def _has_charges(membership: Membership) -> bool:
    """Something was charged, or may be."""
    is_free = membership.network.free_of_charge
    return not is_free or Charge.objects.filter(reference=reference(membership)).exists()


#: The menu, in order. Pages that are reached from another page stand not here.
PAGES: list[Page] = [
    Page("membership", _("Overview"), EVERYONE),
    Page("membership_participants", _("Participants"), EVERYONE, members_only=True),
    Page("membership_meetings", _("Meetings and materials"), EVERYONE, members_only=True),
    Page("membership_topics", _("Topics and offers"), EVERYONE, members_only=True),
    Page("membership_fellows", _("Fellow participants"), EVERYONE, members_only=True),
    Page("membership_invoices", _("Invoices"), MONEY, shown=_has_charges),
    Page("membership_data", _("My data"), EVERYONE),
]


def member_view(
    allowed: frozenset[Capacity] = EVERYONE,
) -> Callable[[MemberView], Callable[..., HttpResponseBase]]:
    """The view gets ``(request, visit, …)`` of a valid personal link whose address is in one of the
    allowed capacities; anybody else is shown how to get a new link."""

    def decorate(view: MemberView) -> Callable[..., HttpResponseBase]:
        @opened_by("membership")
        @wraps(view)
        def open_page(
            request: HttpRequest, membership: Membership, token: str, **kwargs: Any
        ) -> HttpResponseBase:
            proved: str = request.link.address  # type: ignore[attr-defined]
            address = proved or membership.contact.email
            held = capacities_of(membership, address)
            visit = Visit(membership, token, address, held, is_proved=bool(proved))
            if not visit.may(allowed):
                return link_expired(request)
            return view(request, visit, **kwargs)

        return open_page

    return decorate


def member_page(
    request: HttpRequest,
    visit: Visit,
    template: str,
    context: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a template that extends ``networks/my/base.html``."""
    membership = visit.membership
    is_member = membership.state == Status.ACTIVE
    menu = [
        {
            "url": reverse(page.url_name, args=[visit.token]),
            "label": page.label,
            "is_current": request.resolver_match is not None
            and request.resolver_match.url_name == page.url_name,
        }
        for page in PAGES
        if visit.may(page.allowed)
        and (is_member or not page.members_only)
        and (page.shown is None or page.shown(membership))
    ]
    shared = {
        "visit": visit,
        "membership": membership,
        "network": membership.network,
        "token": visit.token,
        "is_member": is_member,
        "menu": menu,
        "has_current": any(entry["is_current"] for entry in menu),
    }
    return render(request, template, {**shared, **(context or {})}, status=status)


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: an empty post too."""
    return request.POST if request.method == "POST" else None
