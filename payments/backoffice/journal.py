"""The accounts in the administration: the journal, its months, their files and their closing."""

from typing import Any

import django_filters
from django import forms
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import HeaderButton

from cms.backoffice.admin import RowAdmin
from cms.backoffice.listing import (
    DayColumn,
    RowIndexView,
)
from cms.backoffice.rows import InspectView
from cms.backoffice.spreadsheets import ExportColumn
from payments import money
from payments.backoffice.journal_export import journal_columns, journal_response, skipped_among
from payments.backoffice.ledger import LedgerChargesView, LedgerView
from payments.backoffice.months import CloseMonthView, MonthFileView, MonthsView
from payments.backoffice.wording import when
from payments.models import Posting, Role, VoucherKind
from payments.policies import charge_policy, posting_policy


def amount_text(posting: Posting) -> str:
    return money.format_kroner(posting.amount)


class PostingFilters(WagtailFilterSet):
    kind = django_filters.MultipleChoiceFilter(
        label=_("Voucher type"),
        choices=VoucherKind.choices,
        widget=forms.CheckboxSelectMultiple,
        distinct=False,
    )
    role = django_filters.MultipleChoiceFilter(
        label=_("Posted as"),
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        distinct=False,
    )
    posted_on = django_filters.DateFromToRangeFilter(label=_("Date"), widget=DateRangePickerWidget)

    class Meta:
        model = Posting
        fields: list[str] = []


class PostingIndexView(RowIndexView):
    title_column = ("__str__", _("Voucher"))
    title_sort_key = "reference"
    default_ordering = ("-posted_on", "-pk")
    related = ("charge",)
    search_fields = ("reference", "account", "network", "charge__buyer_name")
    filterset_class = PostingFilters
    export_filename = "postering"
    row_columns = (
        DayColumn("posted_on", label=_("Date"), sort_key="posted_on"),
        Column("account", label=_("Account"), sort_key="account"),
        Column("role", label=_("Posted as"), accessor="get_role_display"),
        Column("vat_code", label=_("VAT code")),
        Column(
            "amount",
            classname="backoffice-number",
            label=_("Amount"),
            accessor=amount_text,
            sort_key="amount",
        ),
        Column("network", label=_("Network"), sort_key="network"),
    )

    def export_file(self, rows: QuerySet[Any], file_format: str) -> HttpResponseBase:
        return journal_response(
            rows,
            file_format=file_format,
            name=self.export_filename,
            skipped=skipped_among(rows),
        )

    def export_columns(self, rows: QuerySet[Any]) -> list[ExportColumn]:
        return journal_columns()

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [
            HeaderButton(
                label=MonthsView.label,
                url=self.model_admin.row_url(MonthsView.name),
                icon_name=MonthsView.icon_name,
            )
        ]


class PostingInspectView(InspectView):
    """One posting, among the others of its voucher."""

    template_name = "payments/backoffice/posting.html"

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("charge")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        posting = self.instance
        happened = _t("%(day)s, of a month that was closed") % {
            "day": date_format(posting.event_on, "DATE_FORMAT")
        }
        facts = [
            (_("Date"), date_format(posting.posted_on, "DATE_FORMAT")),
            (_("Happened on"), happened if posting.is_late else ""),
            (_("Network"), posting.network),
            (_("Reference"), "" if posting.document_number else posting.reference),
            (_("Posted"), when(posting.created_at)),
        ]
        return super().get_context_data(
            **{
                "facts": [(label, value) for label, value in facts if value],
                "lines": [self.line(row) for row in self.voucher()],
                "charge": posting.charge,
                "charge_url": self.charge_url(),
                **kwargs,
            }
        )

    def voucher(self) -> QuerySet[Posting]:
        return Posting.objects.filter(voucher=self.instance.voucher).order_by("line")

    def line(self, row: Posting) -> dict[str, Any]:
        return {
            "account": row.account,
            "role": row.get_role_display(),
            "vat_code": row.vat_code,
            "debit": money.format_kroner(row.amount) if row.amount > 0 else "",
            "credit": money.format_kroner(-row.amount) if row.amount < 0 else "",
            "period": (row.period_start, row.period_end) if row.period_start else None,
        }

    def charge_url(self) -> str:
        charge = self.instance.charge
        if charge is None or not charge_policy.user_has_permission_for_instance(
            self.request.user, "view", charge
        ):
            return ""
        return reverse("payments_charge_modeladmin_inspect", args=[quote(charge.pk)])


class PostingAdmin(RowAdmin):
    model = Posting
    policy = posting_policy
    menu_label = _("Accounts")
    menu_icon = "table"
    index_view_class = PostingIndexView
    inspect_view_class = PostingInspectView
    pages = (MonthsView, MonthFileView, CloseMonthView, LedgerView, LedgerChargesView)
