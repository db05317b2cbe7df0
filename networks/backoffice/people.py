"""People in the administration: whom one may see through the memberships one may see."""

from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column

from cms.backoffice.admin import RowAdmin
from cms.backoffice.listing import RowIndexView, status_tag
from cms.backoffice.rows import InspectView
from cms.backoffice.spreadsheets import ExportColumn
from networks.backoffice.filters import PersonFilters
from networks.backoffice.membership_page import when
from networks.backoffice.wording import status_tone
from networks.models import Membership, Person
from networks.policies import membership_policy, person_policy


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
        BooleanColumn("confirmed_at", label=_("Address confirmed"), sort_key="confirmed_at"),
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


class PersonInspectView(InspectView):
    template_name = "networks/backoffice/person.html"

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("municipality")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.instance
        facts = [
            (_("Work e-mail"), person.email),
            (_("Job title"), person.job_title),
            (_("Phone"), person.phone),
            (_("Municipality"), person.municipality),
            (_("Address confirmed"), when(person.confirmed_at) or _("No")),
        ]
        return super().get_context_data(
            **{
                "facts": [(label, value) for label, value in facts if value],
                "memberships": [self._membership(each) for each in self.memberships()],
                **kwargs,
            }
        )

    def memberships(self) -> QuerySet[Membership]:
        """Those that the person has a part in, and that the user may see."""
        visible = membership_policy.instances_user_has_permission_for(self.request.user, "view")
        mine = (
            Q(contact=self.instance)
            | Q(invoice_contact=self.instance)
            | Q(participants__email=self.instance.email)
        )
        related = visible.filter(mine).select_related("network", "municipality", "contact")
        return related.distinct()

    def _membership(self, membership: Membership) -> dict[str, Any]:
        if membership.contact_id == self.instance.pk:
            part: Any = _("Contact")
        elif membership.invoice_contact_id == self.instance.pk:
            part = _("Invoice contact")
        else:
            part = _("Participant")
        return {
            "membership": membership,
            "part": part,
            "state": status_tag(membership.get_status_display(), status_tone(membership)),
            "url": reverse("networks_membership_modeladmin_inspect", args=[quote(membership.pk)]),
        }


class PersonAdmin(RowAdmin):
    model = Person
    policy = person_policy
    menu_label = _("People")
    menu_icon = "user"
    index_view_class = PersonIndexView
    inspect_view_class = PersonInspectView
