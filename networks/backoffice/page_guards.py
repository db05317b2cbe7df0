"""A page with members below it is not deleted; it can be unpublished."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.models import Page

from networks.models import Membership, NetworkPage


def networks_with_members(pages: Iterable[Page]) -> list[NetworkPage]:
    """The networks among the pages and below them that somebody is or was a member of."""
    found = NetworkPage.objects.none()
    for page in pages:
        found = found | NetworkPage.objects.descendant_of(page, inclusive=True)
    return list(found.filter(pk__in=Membership.objects.values("network_id")).distinct())


def refuse(request: HttpRequest, pages: Iterable[Page], parent: Page) -> HttpResponseBase | None:
    """Back to the list with a message that names the networks; None when nothing speaks against."""
    networks = networks_with_members(pages)
    if not networks:
        return None
    titles = ", ".join(network.title for network in networks)
    messages.error(
        request,
        _(
            "These networks have members, now or before, and can't be deleted: %(titles)s. "
            "Unpublish the page instead."
        )
        % {"titles": titles},
    )
    return redirect("wagtailadmin_explore", parent.pk)
