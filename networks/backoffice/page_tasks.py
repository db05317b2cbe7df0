"""What pages have waiting for editors: drafts, scheduled pages, networks without a next year.

Wagtail has no lists of these, so each has one here, of the very rows that the desk counts.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import CharField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from django.views import View
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.models import Page, Revision
from wagtail.permissions import policy_registry

from cms.backoffice.desk import ALWAYS, Area, Task
from networks.models import NetworkPage
from networks.models.page_form import may_edit_facts
from networks.policies import HANDLE, membership_policy, visible_networks
from networks.services.preparation import Unprepared, unprepared

ROWS_ON_A_PAGE = 50
DRAFTS, SCHEDULED, SEASONS = "desk_drafts", "desk_scheduled", "desk_seasons"


def editable_pages(user: Any) -> QuerySet[Page]:
    pages: QuerySet[Page] = policy_registry.get_by_type(Page).instances_user_has_permission_for(
        user, "change"
    )
    return pages


def edits_pages(user: Any) -> bool:
    return bool(policy_registry.get_by_type(Page).user_has_permission(user, "change"))


def drafts_of(user: Any) -> QuerySet[Page]:
    """Pages whose newest version is the user's and is not live."""
    return editable_pages(user).filter(has_unpublished_changes=True, latest_revision__user=user)


def scheduled_pages(user: Any) -> QuerySet[Page]:
    """Pages of which a version is to go live by itself; ``goes_live``: when."""
    key = Cast(OuterRef("pk"), output_field=CharField())
    due = Revision.page_revisions.filter(approved_go_live_at__isnull=False, object_id=key)
    moments = due.order_by("approved_go_live_at").values("approved_go_live_at")
    pages = editable_pages(user).annotate(goes_live=Subquery(moments[:1]))
    return pages.filter(goes_live__isnull=False)


def prepares_seasons(user: Any) -> bool:
    """Editors who may write prices, and those who look after members."""
    edits = edits_pages(user) and may_edit_facts(user)
    return edits or membership_policy.user_has_permission(user, HANDLE)


def unprepared_networks(user: Any) -> list[Unprepared]:
    """Of the networks that the user edits or looks after."""
    networks = NetworkPage.objects.filter(pk__in=visible_networks(user).order_by().values("pk"))
    if edits_pages(user) and may_edit_facts(user):
        networks |= NetworkPage.objects.filter(pk__in=editable_pages(user).values("pk"))
    return unprepared(networks, timezone.localdate())


# The tasks --------------------------------------------------------------------------------------


def tasks(request: HttpRequest) -> list[Task]:
    user, found = request.user, []
    if prepares_seasons(user):
        keys = [each.network.pk for each in unprepared_networks(user)]
        label = ngettext_lazy(
            "network is not ready for its next season", "networks are not ready for theirs"
        )
        rows = NetworkPage.objects.filter(pk__in=keys)
        found.append(
            Task("seasons", Area.PAGES, label, reverse(SEASONS), rows, urgent_after=ALWAYS)
        )
    if edits_pages(user):
        draft = ngettext_lazy(
            "draft of yours is not published", "drafts of yours are not published"
        )
        timed = ngettext_lazy("page goes live by itself", "pages go live by themselves")
        since = "latest_revision_created_at"
        found += [
            Task("drafts", Area.PAGES, draft, reverse(DRAFTS), drafts_of(user), since),
            Task("scheduled", Area.PAGES, timed, reverse(SCHEDULED), scheduled_pages(user)),
        ]
    return found


# The lists behind them --------------------------------------------------------------------------


class PageTaskView(WagtailAdminTemplateMixin, View):
    """A table with a line for each row: cells of (text, address or "")."""

    template_name = "networks/backoffice/page_tasks.html"
    header_icon = "doc-empty-inverse"
    page_title: Any = ""
    headings: ClassVar[tuple[Any, ...]] = ()
    nothing: Any = _("There is nothing here at the moment.")

    def is_allowed(self, user: Any) -> bool:
        return edits_pages(user)

    def rows(self) -> Sequence[Any] | QuerySet[Any]:
        raise NotImplementedError

    def cells(self, row: Any) -> list[tuple[Any, str]]:
        raise NotImplementedError

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if not self.is_allowed(request.user):
            raise PermissionDenied
        page = WagtailPaginator(self.rows(), ROWS_ON_A_PAGE).get_page(request.GET.get("p"))
        response: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                headings=self.headings,
                lines=[self.cells(row) for row in page.object_list],
                page_obj=page,
                elided_page_range=page.paginator.get_elided_page_range(page.number),
                nothing=self.nothing,
            )
        )
        return response

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]


def edit_cell(page: Page) -> tuple[str, str]:
    title = page.get_admin_display_title()
    return title, reverse("wagtailadmin_pages:edit", args=[page.pk])


def moment(value: Any) -> tuple[str, str]:
    return (date_format(localtime(value), "DATETIME_FORMAT") if value else "", "")


class DraftsView(PageTaskView):
    page_title = _("Your drafts")
    headings = (_("Page"), _("Kind"), _("Last edited"), _("State"))

    def rows(self) -> QuerySet[Page]:
        drafts = drafts_of(self.request.user).select_related("content_type")
        return drafts.order_by("-latest_revision_created_at", "pk")

    def cells(self, row: Page) -> list[tuple[Any, str]]:
        kind = row.page_type_display_name
        edited = moment(row.latest_revision_created_at)
        return [edit_cell(row), (kind, ""), edited, (row.status_string, "")]


class ScheduledView(PageTaskView):
    page_title = _("Pages that go live by themselves")
    headings = (_("Page"), _("Kind"), _("Goes live"))

    def rows(self) -> QuerySet[Page]:
        return scheduled_pages(self.request.user).order_by("goes_live", "pk")

    def cells(self, row: Any) -> list[tuple[Any, str]]:
        return [edit_cell(row), (row.page_type_display_name, ""), moment(row.goes_live)]


class UnpreparedView(PageTaskView):
    page_title = _("Networks to prepare for their next season")
    header_icon = "calendar-alt"
    headings = (_("Network"), _("What is missing"), _("Last season ends"), _("Next step"))
    nothing = _("Every network is ready for its next season.")

    def is_allowed(self, user: Any) -> bool:
        return prepares_seasons(user)

    def rows(self) -> list[Unprepared]:
        return unprepared_networks(self.request.user)

    def cells(self, row: Unprepared) -> list[tuple[Any, str]]:
        step: tuple[Any, str] = (_("Ask an editor to publish it"), "")
        can_edit = row.network.permissions_for_user(self.request.user).can_edit()
        if can_edit and may_edit_facts(self.request.user):
            step = (
                _("Make the next season"),
                reverse("networks_next_season", args=[row.network.pk]),
            )
        title = edit_cell(row.network) if can_edit else (row.network.title, "")
        ends = date_format(row.last_day, "DATE_FORMAT")
        return [title, (row.reason, ""), (ends, ""), step]


urlpatterns: list[URLPattern] = [
    path("desk/drafts/", DraftsView.as_view(), name=DRAFTS),
    path("desk/scheduled/", ScheduledView.as_view(), name=SCHEDULED),
    path("desk/seasons/", UnpreparedView.as_view(), name=SEASONS),
]
