"""Stripe's balance in the administration: its months, its transactions, and each of them."""

from typing import Any
from urllib.parse import urlencode

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import HeaderButton

from cms.backoffice.admin import RowAdmin
from cms.backoffice.listing import RowIndexView
from cms.backoffice.rows import InspectView
from cms.backoffice.spreadsheets import ExportColumn
from payments import money
from payments.backoffice.statement import StatementFileView, StatementView
from payments.backoffice.wording import when
from payments.models import BalanceCategory, BalanceTransaction, Payout, Posting
from payments.policies import balance_policy


class BalanceFilters(WagtailFilterSet):
    category = django_filters.MultipleChoiceFilter(
        label=_("Category"),
        choices=BalanceCategory.choices,
        widget=forms.CheckboxSelectMultiple,
        distinct=False,
    )
    attention = django_filters.ChoiceFilter(
        label=_("Show"),
        choices=[
            ("fee", _("With a fee")),
            ("unlinked", _("No payment or refund of ours")),
            ("waiting", _("Not paid out yet")),
        ],
        empty_label=_("All"),
        method="needing",
        widget=forms.RadioSelect,
    )
    created_at = django_filters.DateFromToRangeFilter(
        label=_("Happened"), widget=DateRangePickerWidget
    )
    payout = django_filters.CharFilter(
        label=_("Payout"), field_name="payout__stripe_id", lookup_expr="exact"
    )

    class Meta:
        model = BalanceTransaction
        fields: list[str] = []

    def needing(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        ours = [BalanceCategory.PAYMENT, BalanceCategory.REFUND]
        conditions = {
            "fee": ~Q(fee=0) | Q(category=BalanceCategory.FEE),
            "unlinked": Q(category=BalanceCategory.PAYMENT, payment=None)
            | Q(category=BalanceCategory.REFUND, refund=None)
            | Q(category=BalanceCategory.OTHER),
            "waiting": Q(payout=None) & Q(category__in=ours),
        }
        return rows.filter(conditions[value])


def about(row: BalanceTransaction) -> str:
    """Whom or what it is about."""
    return row.payment.charge.buyer_name if row.payment else row.description


def kroner(name: str) -> Any:
    """How the named amount of a row is written."""

    def text(row: Any) -> str:
        return money.format_kroner(getattr(row, name))

    return text


def money_column(name: str, label: Any) -> Column:
    return Column(
        name, classname="backoffice-number", label=label, accessor=kroner(name), sort_key=name
    )


def happened(row: BalanceTransaction) -> str:
    return when(row.created_at)


class BalanceIndexView(RowIndexView):
    title_column = ("get_category_display", _("Category"))
    title_sort_key = "category"
    default_ordering = ("-created_at", "-pk")
    related = ("payment__charge", "payout")
    search_fields = (
        "stripe_id",
        "source_id",
        "payment_intent_id",
        "description",
        "payment__charge__buyer_name",
    )
    filterset_class = BalanceFilters
    export_filename = "stripe-bevaegelser"
    row_columns = (
        Column("created_at", label=_("Happened"), accessor=happened, sort_key="created_at"),
        Column("about", label=_("Buyer or text"), accessor=about),
        money_column("amount", _("Amount")),
        money_column("fee", _("Fee")),
        money_column("net", _("Net")),
        Column("payout", label=_("Payout"), accessor="payout.stripe_id"),
    )

    def export_columns(self, rows: QuerySet[Any]) -> list[ExportColumn]:
        return [
            ExportColumn(str(_("Stripe's number")), lambda row: row.stripe_id),
            ExportColumn(str(_("Happened")), lambda row: row.created_at),
            ExportColumn(str(_("Category")), lambda row: row.get_category_display()),
            ExportColumn(str(_("Type at Stripe")), lambda row: row.type),
            ExportColumn(str(_("Buyer or text")), about),
            ExportColumn(
                str(_("Network")), lambda row: row.payment.charge.scope_label if row.payment else ""
            ),
            ExportColumn(str(_("Amount")), lambda row: row.amount / 100),
            ExportColumn(str(_("Fee")), lambda row: row.fee / 100),
            ExportColumn(str(_("Net")), lambda row: row.net / 100),
            ExportColumn(str(_("Available")), lambda row: row.available_on),
            ExportColumn(str(_("Concerns")), lambda row: row.source_id),
            ExportColumn(str(_("Payout")), lambda row: row.payout.stripe_id if row.payout else ""),
        ]

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [
            HeaderButton(
                label=StatementView.label,
                url=self.model_admin.row_url(StatementView.name),
                icon_name=StatementView.icon_name,
            )
        ]


class BalanceInspectView(InspectView):
    """One transaction: what it moved, what of ours it is, how it was posted and paid out."""

    template_name = "payments/backoffice/balance_transaction.html"

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("payment__charge", "refund", "payout")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.instance
        facts = [
            (_("Amount"), kroner("amount")(row)),
            (_("Fee"), kroner("fee")(row) if row.fee else ""),
            (_("Net"), kroner("net")(row)),
            (_("Happened"), when(row.created_at)),
            (_("Available"), when(row.available_on)),
            (_("Buyer or text"), about(row)),
            (_("Refunded because"), row.refund.reason if row.refund else ""),
            (_("Type at Stripe"), row.type),
            (_("Stripe's number"), row.stripe_id),
            (_("Concerns"), row.source_id),
            (_("Test mode"), "" if row.livemode else _("Yes")),
        ]
        finder = AdminURLFinder(self.request.user)
        return super().get_context_data(
            **{
                "facts": [(label, value) for label, value in facts if value],
                "payment": row.payment,
                "payment_url": finder.get_edit_url(row.payment) if row.payment else "",
                "payout": self.payout(),
                "postings": [self.posting_line(posting, finder) for posting in self.postings()],
                **kwargs,
            }
        )

    def postings(self) -> QuerySet[Posting]:
        keys = [f"fee:{self.instance.pk}", f"balance:{self.instance.pk}"]
        return Posting.objects.filter(voucher__in=keys).select_related("charge").order_by("pk")

    def posting_line(self, posting: Posting, finder: AdminURLFinder) -> dict[str, Any]:
        return {
            "posting": posting,
            "url": finder.get_edit_url(posting),
            "amount": money.format_kroner(posting.amount),
        }

    def payout(self) -> dict[str, Any] | None:
        """The payout that it went with, or that it is."""
        row = self.instance
        found = row.payout or Payout.objects.filter(stripe_id=row.source_id).first()
        if found is None:
            return None
        return {
            "number": found.stripe_id,
            "amount": money.format_kroner(found.amount),
            "arrives": date_format(found.arrives_on, "DATE_FORMAT"),
            "state": found.state,
            "url": f"{self.model_admin.row_url('index')}?{urlencode({'payout': found.stripe_id})}",
        }


class BalanceAdmin(RowAdmin):
    model = BalanceTransaction
    policy = balance_policy
    menu_label = _("Stripe transactions")
    menu_icon = "history"
    index_view_class = BalanceIndexView
    inspect_view_class = BalanceInspectView
    pages = (StatementView, StatementFileView)
