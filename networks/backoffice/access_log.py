"""Who read or took out people's data, for the data protection contact."""

from typing import Any

import django_filters
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.widgets.button import HeaderButton

from cms.access_log import AccessEntry
from cms.audit import AuditEntry
from cms.backoffice.admin import RowAdmin
from cms.backoffice.listing import RowIndexView
from cms.backoffice.rows import InspectView
from networks.backoffice.membership_page import when
from networks.privacy_policies import access_policy, export_log_policy


def model_label(label: str) -> str:
    """What rows of that kind are called (``app.model``)."""
    try:
        return capfirst(str(apps.get_model(label)._meta.verbose_name))
    except (LookupError, ValueError):
        return label


def subject_label(entry: AccessEntry) -> str:
    """The kind of row and its key: names are not for whoever reads the log."""
    label, _separator, key = entry.subject.partition(":")
    return f"{model_label(label)} {key}"


def user_label(entry: Any) -> str:
    if entry.user is None:
        return "–"
    return str(entry.user.get_full_name() or entry.user.get_username())


def users(request: HttpRequest) -> QuerySet[Any]:
    return get_user_model().objects.order_by("username")


class AccessFilters(WagtailFilterSet):
    user = django_filters.ModelChoiceFilter(label=_("User"), queryset=users, empty_label=_("All"))
    at = django_filters.DateFromToRangeFilter(label=_("Time"), widget=DateRangePickerWidget)

    class Meta:
        model = AccessEntry
        fields = ["user", "kind", "at"]


class ExportFilters(WagtailFilterSet):
    user = django_filters.ModelChoiceFilter(label=_("User"), queryset=users, empty_label=_("All"))
    at = django_filters.DateFromToRangeFilter(label=_("Time"), widget=DateRangePickerWidget)

    class Meta:
        model = AuditEntry
        fields = ["user", "at"]


class AccessIndexView(RowIndexView):
    """``subject`` is searched by a row's key, as its address has it."""

    default_ordering = "-at"
    related = ("user",)
    search_fields = ("subject", "user__username")
    filterset_class = AccessFilters
    title_column = ("get_kind_display", _("What was done"))
    row_columns = (
        Column("subject", label=_("Of what"), accessor=subject_label, sort_key="subject"),
        Column("user", label=_("User"), accessor=user_label, sort_key="user__username"),
        DateColumn("at", label=_("Time"), sort_key="at"),
    )

    def get_page_title(self) -> str:
        return str(_("Who read what"))

    @property
    def header_buttons(self) -> list[HeaderButton]:
        url = exports.row_url("index")
        return [HeaderButton(_("Exports"), url=url, icon_name="download", priority=10)]


class AccessInspectView(InspectView):
    template_name = "cms/backoffice/inspect.html"

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("user")

    def get_page_title(self) -> Any:
        return self.instance.get_kind_display()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entry = self.instance
        facts = [
            (_("Of what"), subject_label(entry)),
            (_("User"), user_label(entry)),
            (_("Time"), when(entry.at)),
        ]
        return super().get_context_data(**{"facts": facts, **kwargs})


class AccessAdmin(RowAdmin):
    model = AccessEntry
    policy = access_policy
    menu_label = _("Who read what")
    menu_icon = "view"
    index_view_class = AccessIndexView
    inspect_view_class = AccessInspectView


def listing_label(entry: AuditEntry) -> str:
    return model_label(entry.data.get("listing", ""))


def row_number(entry: AuditEntry) -> Any:
    return entry.data.get("rows", "")


def file_format(entry: AuditEntry) -> str:
    return str(entry.data.get("format", "")).upper()


class ExportIndexView(RowIndexView):
    title_column = ("pk", _("Entry"))
    default_ordering = "-at"
    related = ("user",)
    search_fields = ("user__username",)
    filterset_class = ExportFilters
    row_columns = (
        Column("listing", label=_("List"), accessor=listing_label),
        Column("rows", label=_("Rows"), accessor=row_number),
        Column("format", label=_("Format"), accessor=file_format),
        Column("user", label=_("User"), accessor=user_label, sort_key="user__username"),
        DateColumn("at", label=_("Time"), sort_key="at"),
    )


class ExportInspectView(AccessInspectView):
    def get_page_title(self) -> Any:
        return _("Export")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entry = self.instance
        facts = [
            (_("List"), listing_label(entry)),
            (_("Rows"), row_number(entry)),
            (_("Format"), file_format(entry)),
            (_("Filters"), ", ".join(entry.data.get("filters", [])) or "–"),
            (_("User"), user_label(entry)),
            (_("Time"), when(entry.at)),
        ]
        return InspectView.get_context_data(self, **{"facts": facts, **kwargs})


class ExportLogAdmin(RowAdmin):
    model = AuditEntry
    policy = export_log_policy
    menu_label = _("Exports")
    menu_icon = "download"
    index_view_class = ExportIndexView
    inspect_view_class = ExportInspectView


exports = ExportLogAdmin()
