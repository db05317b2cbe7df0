"""Lists: Wagtail's generic index with filters, search, sorting and export, on a row policy."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from wagtail.admin.ui.tables import (
    BaseColumn,
    BulkActionsCheckboxColumn,
    Column,
    TitleColumn,
)
from wagtail.admin.views.generic import IndexView

from cms.backoffice.paginator import KeysFirstPaginator
from cms.backoffice.spreadsheets import ExportColumn, spreadsheet

#: How a state looks beside its words.
POSITIVE, WAITING, CRITICAL, NEUTRAL = "positive", "waiting", "critical", "neutral"


def status_tag(label: Any, tone: str) -> SafeString:
    """A state in colour and in words."""
    return render_to_string("cms/backoffice/status_tag.html", {"label": label, "tone": tone})


class DayColumn(Column):
    """A day as a date: Wagtail's column of dates says how long ago it was, which a due date has
    yet to be."""

    def get_value(self, instance: Model) -> str:
        day = super().get_value(instance)
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
    ``search_fields``: looked in for the searched words. ``related``: read with each row.
    """

    model_admin: Any = None
    template_name = "cms/backoffice/index.html"
    any_permission_required = ["view"]
    search_backend_name = None
    paginate_by = 50
    paginator_class = KeysFirstPaginator
    title_column: tuple[str, Any] = ("__str__", "")
    title_sort_key: str | None = None
    row_columns: tuple[BaseColumn, ...] = ()
    related: tuple[str, ...] = ()

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.model = self.model_admin.model
        super().setup(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.is_export:
            response: HttpResponseBase = super().get(request, *args, **kwargs)
            return response
        rows = self.get_queryset()
        return spreadsheet(
            self.export_columns(rows),
            self.with_export_relations(rows),
            file_format=request.GET["export"],
            name=self.export_filename,
        )

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
            classname="backoffice-title",
            get_title_id=self.title_id,
        )
        if not self.bulk_actions:
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

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        actions = [
            {"label": action.label, "url": self.model_admin.row_url(action.name), "action": action}
            for action in self.bulk_actions
        ]
        return {**context, "bulk_actions": actions}

    # Export ---------------------------------------------------------------------------------

    @cached_property
    def show_export_buttons(self) -> bool:
        return type(self).export_columns is not RowIndexView.export_columns

    def export_columns(self, rows: QuerySet[Any]) -> list[ExportColumn]:
        """The columns of an export of these rows; without any, there is no export."""
        return []

    def with_export_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows
