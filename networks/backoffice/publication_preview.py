"""What follows from publishing a network's page, shown before it is published.

The editor's form has saved the version by then; here it is published, or gone on with. Nothing of
this is set off by a draft, or by the saving that happens by itself.
"""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views.generic import HookResponseMixin
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.models import Page, Revision

from networks.backoffice.consequence_tables import meeting_tables, price_tables
from networks.models import NetworkPage
from networks.services.consequences import Consequences, consequences_of
from networks.services.publication import NotLatest, ShownIsOld, publish_shown

URL_NAME = "networks_publish"


def show_first(request: HttpRequest, page: Page) -> HttpResponseBase | None:
    """Where the editor sees what follows from publishing the version just saved; None when
    nothing does, so that it is published at once."""
    if not isinstance(page, NetworkPage):
        return None
    revision = page.get_latest_revision()
    if revision is None or not consequences_of(revision):
        return None
    address = reverse(URL_NAME, args=[page.pk, revision.pk])
    next_url = get_valid_next_url_from_request(request)
    return redirect(f"{address}?{urlencode({'next': next_url})}" if next_url else address)


class PublicationPreview(HookResponseMixin, WagtailAdminTemplateMixin, View):
    """GET shows, POST publishes; for whoever may publish the page, and for nobody else."""

    template_name = "networks/backoffice/publication_preview.html"
    page_title = _("Before it is published")
    header_icon = "upload"
    page: NetworkPage
    revision: Revision

    def dispatch(self, request: HttpRequest, page_id: int, revision_id: int) -> HttpResponseBase:
        self.page = get_object_or_404(NetworkPage, pk=page_id)
        permissions = self.page.permissions_for_user(request.user)
        if self.page.alias_of_id or not (permissions.can_edit() and permissions.can_publish()):
            raise Http404
        self.revision = get_object_or_404(self.page.revisions, pk=revision_id)
        lock = self.page.get_lock()
        if lock is not None and lock.for_user(request.user):
            return self.back(_t("The page is locked and can't be published now."))
        if self.page.latest_revision_id != self.revision.pk:
            return self.back(_t("The page has been saved again meanwhile. Publish it from here."))
        if self.page.live and self.page.live_revision_id == self.revision.pk:
            return self.back(_t("This version is published already."))
        return super().dispatch(request)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.show()

    def post(self, request: HttpRequest) -> HttpResponseBase:
        try:
            publish_shown(
                self.page.pk,
                self.revision.pk,
                shown=request.POST.get("shown", ""),
                user=request.user,  # type: ignore[arg-type]
            )
        except NotLatest:
            return self.back(_t("The page has been saved again meanwhile. Publish it from here."))
        except ShownIsOld:
            messages.warning(
                request, _t("Something else follows now than was shown. Look at it once more.")
            )
            return self.show()
        self.page = NetworkPage.objects.get(pk=self.page.pk)
        response: HttpResponseBase | None = self.run_hook("after_publish_page", request, self.page)
        if response:
            return response
        self.say_done()
        return redirect(self.next_url or reverse("wagtailadmin_explore", args=[self.parent.pk]))

    def back(self, message: str) -> HttpResponseBase:
        messages.warning(self.request, message)
        return redirect(self.edit_url)

    def say_done(self) -> None:
        title = {"title": self.page.get_admin_display_title()}
        go_live_at = self.revision.as_object().go_live_at
        buttons = [messages.button(self.edit_url, _t("Edit"))]
        if go_live_at and go_live_at > timezone.now():
            text = _t("“%(title)s” is scheduled to be published.") % title
        else:
            text = _t("“%(title)s” is published. Those concerned are told.") % title
            if self.page.url:
                buttons.insert(0, messages.button(self.page.url, _t("View live")))
        messages.success(self.request, text, buttons=buttons)

    @cached_property
    def parent(self) -> Page:
        return self.page.get_parent()

    @property
    def edit_url(self) -> str:
        return reverse("wagtailadmin_pages:edit", args=[self.page.pk])

    @property
    def next_url(self) -> str:
        return str(get_valid_next_url_from_request(self.request))

    def get_page_subtitle(self) -> str:
        return str(self.page.get_admin_display_title())

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        explore = reverse("wagtailadmin_explore", args=[self.parent.pk])
        return [
            *self.breadcrumbs_items,
            {"url": explore, "label": self.parent.get_admin_display_title()},
            {"url": self.edit_url, "label": self.get_page_subtitle()},
            {"url": "", "label": self.page_title},
        ]

    def show(self) -> HttpResponseBase:
        consequences = consequences_of(self.revision)
        response: HttpResponseBase = self.render_to_response(self.get_context_data(consequences))
        return response

    def get_context_data(self, consequences: Consequences) -> dict[str, Any]:
        return {
            **super().get_context_data(),
            "page": self.page,
            "consequences": consequences,
            "meetings": meeting_tables(consequences, self.page, self.request.user),
            "prices": price_tables(consequences),
            "shown": consequences.digest(self.revision),
            "edit_url": self.edit_url,
            "next": self.next_url,
        }


urlpatterns: list[URLPattern] = [
    path(
        "networks/publish/<int:page_id>/<int:revision_id>/",
        PublicationPreview.as_view(),
        name=URL_NAME,
    ),
]
