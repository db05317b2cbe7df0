"""Requests to be erased: carried out by an administrator, who notes the outcome."""

from typing import Any

import django_filters
from django import forms
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from cms.backoffice.admin import RowAdmin
from cms.backoffice.listing import (
    POSITIVE,
    WAITING,
    DayColumn,
    RowIndexView,
    StatusColumn,
    status_tag,
)
from cms.backoffice.rows import ActionView, InspectView
from networks.backoffice.actions import ServicePage
from networks.backoffice.membership_page import when
from networks.models import ErasureRequest
from networks.policies import erasure_policy, person_policy
from networks.services import requests
from networks.services.capacities import memberships_of
from networks.services.erasure_outlook import what_follows

RELATED = ("person", "handled_by")


def state_label(request: ErasureRequest) -> Any:
    return _("Handled") if request.handled_at else _("Waiting")


def state_tone(request: ErasureRequest) -> str:
    return POSITIVE if request.handled_at else WAITING


class ErasureFilters(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[("waiting", _("Waiting")), ("handled", _("Handled"))],
        empty_label=_("All"),
        method="in_state",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = ErasureRequest
        fields: list[str] = []

    def in_state(self, requests: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return requests.filter(handled_at__isnull=value == "waiting")


class ErasureIndexView(RowIndexView):
    title_column = ("person", _("Person"))
    title_sort_key = "person__name"
    #: Waiting ones first, the oldest of them first: there is a month to answer.
    default_ordering = ("is_handled", "created_at")
    related = RELATED
    search_fields = ("person__name", "person__email")
    filterset_class = ErasureFilters
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
        DayColumn("created_at", label=_("Received"), sort_key="created_at"),
        DayColumn("handled_at", label=_("Handled"), sort_key="handled_at"),
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
        facts = [
            (_("Person"), self._person()),
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

    def _person(self) -> Any:
        """A link, for those who may see people."""
        person = self.instance.person
        if not person_policy.user_has_permission(self.request.user, "view"):
            return person.name
        address = reverse("networks_person_modeladmin_inspect", args=[person.pk])
        return format_html('<a href="{}">{}</a>', address, person.name)

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
    label = _("Answer without erasing")
    icon_name = "check"
    is_secondary = True
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
            "Nothing is erased. The person is told by e-mail why not, or what was done by hand."
        )

    def perform(self, data: dict[str, Any]) -> None:
        requests.handle_erasure(self.instance.pk, actor=self.actor, **data)


class EraseForm(forms.Form):
    outcome = forms.CharField(
        label=_("What the person is told"),
        max_length=250,
        help_text=_("Mailed before the address goes."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    confirmed = forms.BooleanField(label=_("I have read what goes. It can't be brought back."))


class EraseView(ServicePage, ActionView):
    """What goes, what stays and why; then, confirmed, it is done and the person is told."""

    name = "erase"
    label = _("Erase the person")
    icon_name = "bin"
    form_class = EraseForm
    template_name = "networks/backoffice/erase.html"
    is_serious = True
    success_message = _("The person is erased and told by e-mail.")
    instance: ErasureRequest

    @classmethod
    def fits(cls, instance: ErasureRequest) -> bool:
        return instance.handled_at is None and instance.person.erased_at is None

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related(*RELATED)

    def get_initial(self) -> dict[str, Any]:
        return {"outcome": _t("Your name, address, title and phone, and your mails, are erased.")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        outlook = what_follows(self.instance.person)
        return super().get_context_data(**{"outlook": outlook, **kwargs})

    def perform(self, data: dict[str, Any]) -> Any:
        told = requests.carry_out_erasure(
            self.instance.pk, outcome=data["outcome"], actor=self.actor
        )
        return None if told else _("The person is erased. There was no membership to write about.")


class ErasureRequestAdmin(RowAdmin):
    model = ErasureRequest
    shows_people = True
    policy = erasure_policy
    menu_label = _("Requests for erasure")
    menu_icon = "bin"
    index_view_class = ErasureIndexView
    inspect_view_class = ErasureInspectView
    actions = (EraseView, HandleErasureView)
