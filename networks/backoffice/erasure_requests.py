"""Requests to be erased: carried out by an administrator, who notes the outcome."""

from typing import Any

from django import forms
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn

from cms.backoffice.admin import RowAdmin
from cms.backoffice.listing import POSITIVE, WAITING, RowIndexView, StatusColumn, status_tag
from cms.backoffice.rows import ActionView, InspectView
from networks.backoffice.actions import ServicePage
from networks.backoffice.membership_page import when
from networks.models import ErasureRequest
from networks.policies import erasure_policy
from networks.services import requests
from networks.services.capacities import memberships_of

RELATED = ("person", "handled_by")


def state_label(request: ErasureRequest) -> Any:
    return _("Handled") if request.handled_at else _("Waiting")


def state_tone(request: ErasureRequest) -> str:
    return POSITIVE if request.handled_at else WAITING


class ErasureIndexView(RowIndexView):
    title_column = ("person", _("Person"))
    title_sort_key = "person__name"
    #: Waiting ones first, the oldest of them first: there is a month to answer.
    default_ordering = ("is_handled", "created_at")
    related = RELATED
    search_fields = ("person__name", "person__email")
    row_columns = (
        Column("email", label=_("E-mail"), accessor="person.email", sort_key="person__email"),
        StatusColumn(
            "state",
            label=_("State"),
            accessor=state_label,
            sort_key="is_handled",
            tone=state_tone,
        ),
        Column("outcome", label=_("Outcome")),
        DateColumn("created_at", label=_("Received"), sort_key="created_at"),
        DateColumn("handled_at", label=_("Handled"), sort_key="handled_at"),
    )

    def get_base_queryset(self) -> QuerySet[Any]:
        handled = ExpressionWrapper(Q(handled_at__isnull=False), output_field=BooleanField())
        return super().get_base_queryset().annotate(is_handled=handled)


class ErasureInspectView(InspectView):
    template_name = "cms/backoffice/inspect.html"

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related(*RELATED)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.instance
        person = row.person
        address = reverse("networks_person_modeladmin_inspect", args=[person.pk])
        facts = [
            (_("Person"), format_html('<a href="{}">{}</a>', address, person.name)),
            (_("Work e-mail"), person.email),
            (_("Memberships"), self._memberships()),
            (_("Received"), when(row.created_at)),
            (_("Handled"), when(row.handled_at)),
            (_("Handled by"), row.handled_by),
            (_("Outcome"), row.outcome),
        ]
        return super().get_context_data(
            **{
                "facts": [(label, value) for label, value in facts if value],
                "status": status_tag(state_label(row), state_tone(row)),
                **kwargs,
            }
        )

    def _memberships(self) -> str:
        """What is to be thought of: the networks in which the person still has a part."""
        rows = memberships_of(self.instance.person.email)
        return ", ".join(f"{row.network.title} ({row.get_status_display()})" for row in rows)


class HandleForm(forms.Form):
    outcome = forms.CharField(
        label=_("What was done"),
        max_length=250,
        help_text=_("Mailed to the person, for example: your name, address and phone are erased."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class HandleErasureView(ServicePage, ActionView):
    name = "handle"
    label = _("Mark as handled")
    icon_name = "check"
    form_class = HandleForm
    success_message = _("Marked as handled; the person is told by e-mail.")
    instance: ErasureRequest

    @classmethod
    def fits(cls, instance: ErasureRequest) -> bool:
        return instance.handled_at is None

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related(*RELATED)

    def explanation(self) -> str:
        return _t(
            "Erase first what need not be kept. Charges and invoices are kept for five years after "
            "the end of the accounting year (the bookkeeping law)."
        )

    def perform(self, data: dict[str, Any]) -> None:
        requests.handle_erasure(self.instance.pk, actor=self.actor, **data)


class ErasureRequestAdmin(RowAdmin):
    model = ErasureRequest
    policy = erasure_policy
    menu_label = _("Requests for erasure")
    menu_icon = "bin"
    index_view_class = ErasureIndexView
    inspect_view_class = ErasureInspectView
    actions = (HandleErasureView,)
