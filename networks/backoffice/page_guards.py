"""A page with members below it is not deleted: its network is closed instead."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views import View
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.models import Page

from cms.backoffice.rows import FormPage
from networks.models import Membership, NetworkPage
from networks.rules.states import Status

CLOSE = "networks_close"


def networks_with_members(pages: Iterable[Page]) -> list[NetworkPage]:
    """The networks among the pages and below them that somebody is or was a member of."""
    found = NetworkPage.objects.none()
    for page in pages:
        found = found | NetworkPage.objects.descendant_of(page, inclusive=True)
    return list(found.filter(pk__in=Membership.objects.values("network_id")).distinct())


def refuse(request: HttpRequest, pages: Iterable[Page], parent: Page) -> HttpResponseBase | None:
    """Back to the list with a message that names the networks; None when nothing speaks against.
    Of a single network that is live: to where it can be closed."""
    pages = list(pages)
    networks = networks_with_members(pages)
    if not networks:
        return None
    titles = ", ".join(network.title for network in networks)
    messages.error(
        request,
        _t(
            "These networks have members, now or before, and can't be deleted: %(titles)s. "
            "They can be closed instead."
        )
        % {"titles": titles},
    )
    if [network.pk for network in networks] == [page.pk for page in pages]:
        only = networks[0]
        if only.live and only.permissions_for_user(request.user).can_unpublish():
            return redirect(CLOSE, only.pk)
    return redirect("wagtailadmin_explore", parent.pk)


class CloseNetworkView(FormPage, WagtailAdminTemplateMixin, View):
    """Take the page off, which closes sign-up at once; members keep what is theirs."""

    template_name = "networks/backoffice/close_network.html"
    header_icon = "download"
    page_title = _("Close the network")
    page: NetworkPage

    def dispatch(self, request: HttpRequest, page_id: int) -> HttpResponseBase:
        self.page = get_object_or_404(NetworkPage, pk=page_id)
        if not self.page.permissions_for_user(request.user).can_unpublish():
            raise Http404
        return super().dispatch(request)

    def perform(self, data: dict[str, Any]) -> str:
        UnpublishPageAction(self.page, user=self.request.user).execute()
        return _t("“%(title)s” is closed.") % {"title": self.page.title}

    def get_success_url(self) -> str:
        return reverse("wagtailadmin_explore", args=[self.page.get_parent().pk])

    def effects(self) -> list[str]:
        """What follows, one sentence each; numbers only, since editors see no members."""
        active = Membership.objects.filter(network=self.page, status=Status.ACTIVE).count()
        return [
            _t("Sign-up closes at once, and the page leaves the site."),
            ngettext(
                "%(number)s active membership goes on. Its personal pages, calendar and payments "
                "keep working.",
                "%(number)s active memberships go on. Their personal pages, calendars and payments "
                "keep working.",
                active,
            )
            % {"number": active},
            _t("Nobody is charged for a new season while the network is closed."),
            _t("Changes to its meetings are told when the page is published again."),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "effects": self.effects(),
            "submit_label": self.page_title,
            "is_serious": True,
            "cancel_url": reverse("wagtailadmin_pages:edit", args=[self.page.pk]),
            "view": self,
        }

    def get_page_subtitle(self) -> str:
        return str(self.page.title)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        parent = self.page.get_parent()
        explore = reverse("wagtailadmin_explore", args=[parent.pk])
        edit = reverse("wagtailadmin_pages:edit", args=[self.page.pk])
        return [
            *self.breadcrumbs_items,
            {"url": explore, "label": parent.get_admin_display_title()},
            {"url": edit, "label": self.page.get_admin_display_title()},
            {"url": "", "label": self.page_title},
        ]


urlpatterns: list[URLPattern] = [
    path("networks/close/<int:page_id>/", CloseNetworkView.as_view(), name=CLOSE),
]
