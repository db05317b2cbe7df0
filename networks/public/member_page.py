""" "My membership": who opened the link, what they may see there, and the pages it has."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from networks.models import Membership
from networks.public.personal_link import link_expired, opened_by
from networks.rules.states import Status
from networks.services.capacities import Capacity, capacities_of

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

    @property
    def is_contact(self) -> bool:
        return Capacity.CONTACT in self.capacities

    def may(self, allowed: frozenset[Capacity]) -> bool:
        return bool(self.capacities & allowed)


MemberView = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Page:
    """A page of "my membership" in its menu. ``members_only``: for active memberships."""

    url_name: str
    label: str | Promise
    allowed: frozenset[Capacity]
    members_only: bool = False


#: The menu, in order. Pages that are reached from another page stand not here.
PAGES: list[Page] = [
    Page("membership", _("Overview"), EVERYONE),
]


def member_view(
    allowed: frozenset[Capacity] = EVERYONE,
) -> Callable[[MemberView], Callable[..., HttpResponse]]:
    """The view gets ``(request, visit, …)`` of a valid personal link whose address is in one of the
    allowed capacities; anybody else is shown how to get a new link."""

    def decorate(view: MemberView) -> Callable[..., HttpResponse]:
        @opened_by("membership")
        @wraps(view)
        def open_page(
            request: HttpRequest, membership: Membership, token: str, **kwargs: Any
        ) -> HttpResponse:
            address: str = request.link.address or membership.contact.email  # type: ignore[attr-defined]
            visit = Visit(membership, token, address, capacities_of(membership, address))
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
        if visit.may(page.allowed) and (is_member or not page.members_only)
    ]
    shared = {
        "visit": visit,
        "membership": membership,
        "network": membership.network,
        "token": visit.token,
        "is_member": is_member,
        "menu": menu,
    }
    return render(request, template, {**shared, **(context or {})}, status=status)
