"""Charges in the administration."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import django_filters
from django import forms
from django.contrib.admin.utils import quote
from django.core.cache import cache
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column

from cms.backoffice.admin import RowAdmin
from cms.backoffice.history import history_of
from cms.backoffice.listing import DayColumn, RowIndexView, StatusColumn, status_tag
from cms.backoffice.rows import InspectView
from cms.backoffice.saved_views import StandingView
from cms.backoffice.spreadsheets import ExportColumn
from payments import money
from payments.backoffice.bulk import IssueManyView, SettleManyView
from payments.backoffice.credit import CreditView
from payments.backoffice.reissue import ReissueChargeView
from payments.backoffice.settling import SettleView
from payments.backoffice.wording import (
    ACTION_LABELS,
    charge_tone,
    payment_tone,
    refund_lines,
    when,
)
from payments.models import Charge, ChargeLine, ChargeState, PaymentMethod
from payments.policies import charge_policy, payment_policy, visible_scopes
from payments.services import dunning

#: Hooks of that name, (user, charge) → (label, address) or None, tell what a charge is for.
SUBJECT_HOOK = "describe_charge_subject"
SCOPES = "backoffice.charge_scopes"


def known_scopes() -> list[tuple[str, str]]:
    """(scope, label) of every charge. A new one is rare, and to find them all reads every charge:
    kept for a minute."""
    kept: list[tuple[str, str]] | None = cache.get(SCOPES)
    if kept is None:
        rows = Charge.objects.order_by("scope_label").values_list("scope", "scope_label")
        kept = list(rows.distinct())
        cache.set(SCOPES, kept, 60)
    return kept


class ScopeFilter(django_filters.ChoiceFilter):
    """The scopes of the charges that the user may see, by their labels."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Network"), empty_label=_("All"), choices=[], **kwargs)

    @property
    def field(self) -> Any:
        field = super().field
        visible = visible_scopes(self.parent.request.user)
        field.choices = [
            (scope, label) for scope, label in known_scopes() if visible is None or scope in visible
        ]
        return field


class AttentionFilter(django_filters.ChoiceFilter):
    """What finance should look at."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("To do"),
            choices=[
                ("overdue", _("Overdue")),
                ("not_invoiced", _("Can't be invoiced yet")),
            ],
            empty_label=_("All"),
            widget=forms.RadioSelect,
            **kwargs,
        )

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == "overdue":
            overdue = dunning.overdue().prefetch_related(None).order_by()
            return qs.filter(pk__in=overdue.values("charge_id"))
        return qs.exclude(invoice_problem="") if value else qs


class ChargeFilters(WagtailFilterSet):
    attention = AttentionFilter()
    state = django_filters.MultipleChoiceFilter(
        label=_("State"),
        choices=ChargeState.choices,
        widget=forms.CheckboxSelectMultiple,
        distinct=False,
    )
    method = django_filters.ChoiceFilter(
        label=_("Payment method"),
        choices=PaymentMethod.choices,
        empty_label=_("All"),
        widget=forms.RadioSelect,
    )
    scope = ScopeFilter()
    created_at = django_filters.DateFromToRangeFilter(
        label=_("Created"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Charge
        fields: list[str] = []


def gross_text(charge: Charge) -> str:
    return money.format_kroner(charge.gross)


def kroner_of(name: str) -> Callable[[Charge], float]:
    """The charge's amount of that name, øre, as kroner for a spreadsheet."""
    return lambda charge: getattr(charge, name) / 100


class ChargeIndexView(RowIndexView):
    title_column = ("buyer_name", _("Buyer"))
    title_sort_key = "buyer_name"
    default_ordering = "-created_at"
    search_fields = (
        "description",
        "buyer_name",
        "buyer_cvr",
        "buyer_gln",
        "order_number",
        "scope_label",
    )
    filterset_class = ChargeFilters
    export_filename = "opkraevninger"
    menu_needs = ("transfers",)
    standing_views = (
        StandingView(_("Not paid"), "state=open"),
        StandingView(_("Overdue"), "attention=overdue"),
        StandingView(_("Can't be invoiced yet"), "attention=not_invoiced"),
    )
    row_columns = (
        # It names the network.
        Column(
            "description",
            classname="backoffice-wide",
            label=_("Description"),
            sort_key="description",
        ),
        Column(
            "gross",
            classname="backoffice-number",
            label=_("Incl. VAT"),
            accessor=gross_text,
            sort_key="gross",
        ),
        StatusColumn(
            "state",
            label=_("State"),
            accessor="get_state_display",
            sort_key="state",
            tone=charge_tone,
        ),
        DayColumn("created_at", label=_("Created"), sort_key="created_at"),
    )

    def export_columns(self, rows: QuerySet[Any]) -> list[ExportColumn]:
        amounts = [
            ExportColumn(str(label), kroner_of(name))
            for name, label in (
                ("net", _("Excl. VAT")),
                ("vat", _("VAT")),
                ("gross", _("Incl. VAT")),
                ("credited", _("Credited incl. VAT")),
            )
        ]
        buyer = [
            ExportColumn(str(Charge._meta.get_field(name).verbose_name), attrgetter(name))  # type: ignore[union-attr]
            for name in Charge.buyer_fields()
        ]
        return [
            ExportColumn(str(_("Description")), lambda row: row.description),
            ExportColumn(str(_("Network")), lambda row: row.scope_label),
            ExportColumn(str(_("State")), lambda row: row.get_state_display()),
            ExportColumn(str(_("Payment method")), lambda row: row.get_method_display()),
            *amounts,
            ExportColumn(str(_("Period from")), lambda row: row.period_start),
            ExportColumn(str(_("Period until")), lambda row: row.period_end),
            ExportColumn(str(_("Created")), lambda row: row.created_at),
            ExportColumn(str(_("Paid")), lambda row: row.paid_at),
            *buyer,
        ]


class ChargeInspectView(InspectView):
    template_name = "payments/backoffice/charge.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        charge = self.instance
        facts = [
            (_("Network"), charge.scope_label),
            (_("Payment method"), charge.get_method_display()),
            (_("Period"), self._period()),
            (_("Created"), when(charge.created_at)),
            (_("Paid"), when(charge.paid_at)),
            (_("Not invoiced"), charge.invoice_problem),
        ]
        buyer = [
            (Charge._meta.get_field(name).verbose_name, value)  # type: ignore[union-attr]
            for name, value in charge.buyer().items()
        ]
        return super().get_context_data(
            **{
                "status": status_tag(charge.get_state_display(), charge_tone(charge)),
                "facts": [(label, value) for label, value in facts if value],
                "buyer": [(label, value) for label, value in buyer if value],
                "subject": self.subject(),
                "lines": [self._line(line) for line in charge.lines.all()],
                "totals": [
                    (_("Excl. VAT"), money.format_kroner(charge.net)),
                    (_("VAT"), money.format_kroner(charge.vat)),
                    (_("Incl. VAT"), money.format_kroner(charge.gross)),
                ],
                "credits": [
                    (
                        f"{date_format(localtime(credit.created_at))}: {credit.reason}",
                        money.format_kroner(credit.gross),
                    )
                    for credit in charge.credits.all()
                ],
                "documents": self.documents(),
                "payments": self.payments(),
                "history": history_of(charge, ACTION_LABELS),
                **kwargs,
            }
        )

    def _period(self) -> str:
        start, end = self.instance.period_start, self.instance.period_end
        return f"{date_format(start)} – {date_format(end)}" if start and end else ""

    def subject(self) -> tuple[Any, str] | None:
        """What the charge is for, told by whoever knows its reference."""
        for describe in hooks.get_hooks(SUBJECT_HOOK):
            found: tuple[Any, str] | None = describe(self.request.user, self.instance)
            if found:
                return found
        return None

    def documents(self) -> list[tuple[str, str]]:
        """(document, address of its page), the invoice first."""
        documents = self.instance.invoices.order_by("year", "sequence")
        return [
            (str(row), reverse("payments_invoice_modeladmin_inspect", args=[quote(row.pk)]))
            for row in documents
        ]

    @staticmethod
    def _line(line: ChargeLine) -> dict[str, Any]:
        rate = money.format_rate(line.vat_rate)
        return {
            "description": line.description,
            "quantity": line.quantity,
            "unit_price": money.format_kroner(line.unit_price),
            "vat_rate": f"{rate} {line.vat_exemption_reason}".strip(),
            "net": money.format_kroner(line.net),
        }

    def payments(self) -> list[dict[str, Any]]:
        """The attempts to pay, with links for those who may open them."""
        linked = payment_policy.user_has_permission(self.request.user, "view")
        address = "payments_payment_modeladmin_inspect"
        return [
            {
                "label": f"{when(payment.created_at)}: {money.format_kroner(payment.amount)}",
                "url": reverse(address, args=[quote(payment.pk)]) if linked else "",
                "state": status_tag(payment.get_state_display(), payment_tone(payment)),
                "refunds": refund_lines(payment),
            }
            for payment in self.instance.payments.prefetch_related("refunds")
        ]


class ChargeAdmin(RowAdmin):
    model = Charge
    policy = charge_policy
    menu_label = _("Charges")
    menu_icon = "doc-full"
    index_view_class = ChargeIndexView
    inspect_view_class = ChargeInspectView
    actions = (SettleView, ReissueChargeView, CreditView)
    bulk_actions = (SettleManyView, IssueManyView)
