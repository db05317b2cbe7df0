"""People in the administration: whom one may see through the memberships one may see."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column

from cms.backoffice.admin import RowAdmin
from cms.backoffice.listing import NEUTRAL, POSITIVE, RowIndexView, StatusColumn
from cms.backoffice.spreadsheets import ExportColumn
from networks.backoffice.access_report import ACCESS_REPORT
from networks.backoffice.bulk_people import EraseManyView
from networks.backoffice.filters import PersonFilters
from networks.backoffice.person_page import PersonInspectView
from networks.models import Person
from networks.policies import person_policy


class PersonIndexView(RowIndexView):
    title_column = ("name", _("Name"))
    title_sort_key = "name"
    default_ordering = "name"
    related = ("municipality",)
    search_fields = ("name", "email", "job_title", "municipality__name")
    filterset_class = PersonFilters
    export_filename = "personer"
    row_columns = (
        Column("email", label=_("Work e-mail"), sort_key="email"),
        Column("job_title", label=_("Job title"), sort_key="job_title"),
        Column(
            "municipality",
            label=_("Municipality"),
            accessor="municipality.name",
            sort_key="municipality__sort_key",
        ),
        StatusColumn(
            "confirmed_at",
            label=_("Address confirmed"),
            accessor=lambda person: _("Yes") if person.confirmed_at else _("No"),
            tone=lambda person: POSITIVE if person.confirmed_at else NEUTRAL,
            sort_key="confirmed_at",
        ),
    )

    def export_columns(self, rows: QuerySet[Any]) -> list[ExportColumn]:
        return [
            ExportColumn(str(_("Name")), lambda row: row.name),
            ExportColumn(str(_("Work e-mail")), lambda row: row.email),
            ExportColumn(str(_("Job title")), lambda row: row.job_title),
            ExportColumn(str(_("Phone")), lambda row: row.phone),
            ExportColumn(str(_("Municipality")), lambda row: str(row.municipality or "")),
            ExportColumn(str(_("Address confirmed")), lambda row: row.confirmed_at),
        ]


class PersonAdmin(RowAdmin):
    model = Person
    shows_people = True
    policy = person_policy
    menu_label = _("People")
    menu_icon = "user"
    index_view_class = PersonIndexView
    inspect_view_class = PersonInspectView
    actions = ACCESS_REPORT
    bulk_actions = (EraseManyView,)
