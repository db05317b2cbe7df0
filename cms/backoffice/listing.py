"""Lists: Wagtail's generic index with filters, search, sorting and export, on a row policy."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import (
    BaseColumn,
    BulkActionsCheckboxColumn,
    Column,
    TitleColumn,
)
from wagtail.admin.views.generic import IndexView
from wagtail.admin.widgets.button import Button

from cms import audit
from cms.audit import Actor
from cms.backoffice.paginator import KeysFirstPaginator
from cms.backoffice.row_menu import RowMenuColumn, offered_actions
from cms.backoffice.saved_views import StandingView, ViewTabs
from cms.backoffice.spreadsheets import ExportColumn, spreadsheet
from cms.saved_views import PASSING

#: How a state looks beside its words.
POSITIVE, WAITING, CRITICAL, NEUTRAL = "positive", "waiting", "critical", "neutral"


def status_tag(label: Any, tone: str) -> SafeString:
    """A state in colour and in words."""
    return render_to_string("cms/backoffice/status_tag.html", {"label": label, "tone": tone})


class DayColumn(Column):
    """A day, or the local day of a moment, in figures that take one line: Wagtail's column of
    dates says how long ago it was, which a due date has yet to be."""

    def get_value(self, instance: Model) -> str:
        day = super().get_value(instance)
        if isinstance(day, datetime):
            day = timezone.localtime(day)
        return date_format(day, "SHORT_DATE_FORMAT") if day else ""


class StatusColumn(Column):
    """A state as a status tag; ``tone`` gives its colour from the row."""

    cell_template_name = "cms/backoffice/status_cell.html"

    def __init__(self, name: str, *, tone: Callable[[Any], str], **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.tone = tone

    def get_cell_context_data(
        self, instance: Model, parent_context: dict[str, Any]
    ) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return {**context, "tone": self.tone(instance)}


class RowIndexView(IndexView):
    """A list of the rows that the user may see.

    ``row_columns``: the columns after the first, which leads to the row's own page.
    ``search_fields``: looked in for the searched words. ``related``: read with each row, in its
    query; ``menu_needs``: read in queries of their own, by what decides about a row's menu.
    ``standing_views``: what everybody finds above the list, beside the views that they save.
    """

    model_admin: Any = None
    template_name = "cms/backoffice/index.html"
    results_template_name = "cms/backoffice/index_results.html"
    any_permission_required = ["view"]
    search_backend_name = None
    paginate_by = 50
    paginator_class = KeysFirstPaginator
    title_column: tuple[str, Any] = ("__str__", "")
    #: "backoffice-one-line" for a number, which is not to be broken at its hyphen.
    title_classname = ""
    title_sort_key: str | None = None
    row_columns: tuple[BaseColumn, ...] = ()
    related: tuple[str, ...] = ()
    menu_needs: ClassVar[tuple[str, ...]] = ()
    standing_views: ClassVar[tuple[StandingView, ...]] = ()

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.model = self.model_admin.model
        super().setup(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = (
            self.export() if self.is_export else super().get(request, *args, **kwargs)
        )
        return response

    @cached_property
    def permission_policy(self) -> Any:
        return self.model_admin.policy

    @cached_property
    def header_icon(self) -> str:
        return str(self.model_admin.get_menu_icon())

    def get_page_title(self) -> str:
        return str(self.model_admin.get_menu_label())

    def get_base_queryset(self) -> QuerySet[Any]:
        policy = self.permission_policy
        rows: QuerySet[Any] = policy.instances_user_has_permission_for(self.request.user, "view")
        return rows.select_related(*self.related) if self.related else rows

    def get_index_url(self) -> str:
        return str(self.model_admin.row_url("index"))

    def get_index_results_url(self) -> str:
        return str(self.model_admin.row_url("results"))

    def get_inspect_url(self, instance: Model) -> str:
        return str(self.model_admin.row_url("inspect", quote(instance.pk)))

    @cached_property
    def columns(self) -> list[BaseColumn]:
        name, label = self.title_column
        title = TitleColumn(
            name,
            label=label,
            get_url=self.get_inspect_url,
            sort_key=self.title_sort_key,
            classname=f"backoffice-title {self.title_classname}".strip(),
            get_title_id=self.title_id,
        )
        if not self.has_checkboxes:
            return [title, *self.row_columns]
        checkbox = BulkActionsCheckboxColumn("bulk_actions", obj_type=self.model._meta.model_name)
        return [checkbox, title, *self.row_columns]

    def title_id(self, instance: Model) -> str:
        """What the row's checkbox is described by."""
        return f"{self.model._meta.model_name}_{quote(instance.pk)}_title"

    @cached_property
    def bulk_actions(self) -> list[Any]:
        """What the user may do to the rows chosen."""
        policy, user = self.permission_policy, self.request.user
        return [
            action
            for action in self.model_admin.bulk_actions
            if policy.user_has_permission(user, action.permission)
        ]

    @property
    def has_checkboxes(self) -> bool:
        return bool(self.bulk_actions) or self.show_export_buttons

    def get_table(self, object_list: Any) -> Any:
        """With the row menu behind the other columns, where rows have actions."""
        rows = list(object_list)
        if not self.model_admin.actions:
            return super().get_table(rows)
        prefetch_related_objects(rows, *self.menu_needs)
        actions = offered_actions(self.model_admin, self.request.user, rows)
        menu = RowMenuColumn(self.model_admin, actions)
        return self.table_class([*self.columns, menu], rows, **self.get_table_kwargs())

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        actions = [
            {"label": action.label, "url": self.model_admin.row_url(action.name), "action": action}
            for action in self.bulk_actions
        ]
        return {
            **context,
            "bulk_actions": actions,
            "has_checkboxes": self.has_checkboxes,
            "export_url": self.model_admin.row_url("export") if self.show_export_buttons else "",
            "view_tabs": ViewTabs(self.model_admin, self.standing_views, self.request),
        }

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        buttons: list[Any] = super().header_more_buttons
        if not self.bulk_actions:
            return buttons
        address = self.model_admin.row_url("bulk_runs")
        runs = Button(_("Bulk actions carried out"), url=address, icon_name="list-ul", priority=90)
        return [*buttons, runs]

    # Export ---------------------------------------------------------------------------------

    @cached_property
    def show_export_buttons(self) -> bool:
        policy = self.permission_policy
        return self.has_export() and bool(policy.user_has_permission(self.request.user, "export"))

    @classmethod
    def has_export(cls) -> bool:
        return cls.export_columns is not RowIndexView.export_columns

    def export(self) -> HttpResponseBase:
        """What the list shows on all its pages, or the rows chosen in it (``id``), as a file; an
        entry tells of it. Raises PermissionDenied without the right to export."""
        if not self.show_export_buttons:
            raise PermissionDenied
        rows = self.chosen_rows()
        self.note_export(rows)
        return self.export_file(rows, self.request.GET["export"])

    def export_file(self, rows: QuerySet[Any], file_format: str) -> HttpResponseBase:
        return spreadsheet(
            self.export_columns(rows),
            self.with_export_relations(rows),
            file_format=file_format,
            name=self.export_filename,
        )

    def chosen_rows(self) -> QuerySet[Any]:
        """The rows chosen by their keys (``id``); else all that are filtered and searched."""
        rows: QuerySet[Any] = self.get_queryset()
        keys = self.request.GET.getlist("id")
        if keys and "all" not in keys:
            return rows.filter(pk__in=[key for key in keys if self.is_key(key)])
        if self.filters and not self.filters.is_valid():
            return rows.none()
        return rows

    def is_key(self, text: str) -> bool:
        try:
            self.model._meta.pk.to_python(text)
        except ValidationError:
            return False
        return True

    def note_export(self, rows: QuerySet[Any]) -> None:
        """Who took how many rows out of which list, and by which filters: their names alone,
        since their values may be somebody's name."""
        user = self.request.user
        filters = {name for name, value in self.request.GET.items() if value} - PASSING
        audit.record(
            actor=Actor.by(user),
            action="list.exported",
            subject=user,
            listing=self.model._meta.label_lower,
            filters=sorted(filters),
            chosen="id" in self.request.GET,
            format=self.request.GET["export"],
            rows=rows.order_by().count(),
        )

    def export_columns(self, rows: QuerySet[Any]) -> list[ExportColumn]:
        """The columns of an export of these rows; without any, there is no export."""
        return []

    def with_export_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows
