"""Invoices and credit notes in the administration: what they say, where they are, the files."""

from typing import Any

import django_filters
from django import forms
from django.contrib.admin.utils import quote
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column

from cms.backoffice.admin import RowAdmin
from cms.backoffice.history import history_of
from cms.backoffice.listing import (
    CRITICAL,
    NEUTRAL,
    POSITIVE,
    WAITING,
    DayColumn,
    RowIndexView,
    StatusColumn,
    status_tag,
)
from cms.backoffice.rows import InspectView
from cms.backoffice.saved_views import StandingView
from cms.backoffice.spreadsheets import ExportColumn
from payments import money
from payments.backoffice.bulk import RemindManyView
from payments.backoffice.charges import ScopeFilter
from payments.backoffice.dunning import (
    OverdueView,
    ResumeRemindersView,
    StopRemindersView,
)
from payments.backoffice.invoice_actions import (
    MarkDeliveredView,
    PdfView,
    SendAgainView,
    XmlView,
)
from payments.backoffice.reissue import ReissueInvoiceView
from payments.backoffice.wording import ACTION_LABELS, transmission_tone, when
from payments.models import (
    ChargeState,
    Invoice,
    Transmission,
    TransmissionState,
)
from payments.models.invoice import KIND_CHOICES
from payments.policies import invoice_policy
from payments.services.transmission import goes_by_e_invoice


def payment_label(invoice: Invoice) -> Any:
    """Whether it is paid; a credit note asks for nothing."""
    if invoice.kind == "credit_note":
        return "–"
    if invoice.charge.state != ChargeState.OPEN:
        return invoice.charge.get_state_display()
    return _("Overdue") if is_overdue(invoice) else _("Open")


def payment_tone(invoice: Invoice) -> str:
    if invoice.kind == "credit_note" or invoice.charge.state == ChargeState.CREDITED:
        return NEUTRAL
    if invoice.charge.state == ChargeState.PAID:
        return POSITIVE
    return CRITICAL if is_overdue(invoice) else WAITING


def is_overdue(invoice: Invoice) -> bool:
    return invoice.due_on is not None and invoice.due_on < timezone.localdate()


def delivery_label(invoice: Any) -> Any:
    """How far it has come to the buyer's access point: the last transmission's state."""
    if not goes_by_e_invoice(invoice):
        return _("No e-invoice")
    if invoice.delivery:
        return TransmissionState(invoice.delivery).label
    return _("To be downloaded")


def delivery_tone(invoice: Any) -> str:
    if not invoice.delivery:
        return WAITING if goes_by_e_invoice(invoice) else NEUTRAL
    return transmission_tone(Transmission(state=invoice.delivery))


class InvoiceFilters(WagtailFilterSet):
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=KIND_CHOICES, empty_label=_("All"), widget=forms.RadioSelect
    )
    state = django_filters.MultipleChoiceFilter(
        field_name="charge__state",
        label=_("State"),
        choices=ChargeState.choices,
        widget=forms.CheckboxSelectMultiple,
        distinct=False,
    )
    overdue = django_filters.ChoiceFilter(
        label=_("Overdue"),
        choices=[("yes", _("Yes"))],
        empty_label=_("All"),
        widget=forms.RadioSelect,
        method="only_overdue",
    )
    scope = ScopeFilter(field_name="charge__scope")
    issued_on = django_filters.DateFromToRangeFilter(
        label=_("Issued"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Invoice
        fields: list[str] = []

    def only_overdue(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(
            kind="invoice", charge__state=ChargeState.OPEN, due_on__lt=timezone.localdate()
        )


class InvoiceIndexView(RowIndexView):
    title_column = ("number", _("Number"))
    title_classname = "backoffice-one-line"
    title_sort_key = "number"
    default_ordering = ("-year", "-sequence")
    related = ("charge", "reminders_stopped")
    menu_needs = ("transmissions", "charge__transfers")
    search_fields = ("number", "buyer_name", "charge__buyer_cvr", "charge__buyer_gln")
    filterset_class = InvoiceFilters
    export_filename = "fakturaer"
    standing_views = (
        StandingView(_("Not paid"), "kind=invoice&state=open"),
        StandingView(_("Overdue"), "overdue=yes"),
        StandingView(_("Credit notes"), "kind=credit_note"),
    )
    row_columns = (
        Column("kind", label=_("Kind"), accessor="get_kind_display"),
        Column("buyer_name", label=_("Buyer"), sort_key="buyer_name"),
        Column("scope_label", label=_("Network"), accessor="charge.scope_label"),
        Column(
            "gross",
            classname="backoffice-number",
            label=_("Incl. VAT"),
            accessor=lambda invoice: money.format_kroner(invoice.gross),
            sort_key="gross",
        ),
        DayColumn("issued_on", label=_("Issued"), sort_key="issued_on"),
        DayColumn("due_on", label=_("Due"), sort_key="due_on"),
        StatusColumn("paid", label=_("Payment"), accessor=payment_label, tone=payment_tone),
        StatusColumn("sent", label=_("E-invoice"), accessor=delivery_label, tone=delivery_tone),
    )

    def get_base_queryset(self) -> QuerySet[Any]:
        last = Transmission.objects.filter(invoice=OuterRef("pk")).order_by("-created_at", "-pk")
        return super().get_base_queryset().annotate(delivery=Subquery(last.values("state")[:1]))

    def export_columns(self, rows: QuerySet[Any]) -> list[ExportColumn]:
        return [
            ExportColumn(str(_("Number")), lambda row: row.number),
            ExportColumn(str(_("Kind")), lambda row: row.get_kind_display()),
            ExportColumn(str(_("Issued")), lambda row: row.issued_on),
            ExportColumn(str(_("Due")), lambda row: row.due_on),
            ExportColumn(str(_("Buyer")), lambda row: row.buyer_name),
            ExportColumn(str(_("Network")), lambda row: row.charge.scope_label),
            ExportColumn(str(_("Excl. VAT")), lambda row: _signed(row, row.net)),
            ExportColumn(str(_("VAT")), lambda row: _signed(row, row.vat)),
            ExportColumn(str(_("Incl. VAT")), lambda row: _signed(row, row.gross)),
            ExportColumn(str(_("Payment")), lambda row: str(payment_label(row))),
            ExportColumn(str(_("E-invoice")), lambda row: str(delivery_label(row))),
        ]


def _signed(invoice: Invoice, amount: int) -> float:
    """Kroner for a sheet that adds up: a credit note takes off."""
    return (-amount if invoice.kind == "credit_note" else amount) / 100


class InvoiceInspectView(InspectView):
    template_name = "payments/backoffice/invoice.html"

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("charge", "corrects")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        invoice = self.instance
        charge_page = reverse("payments_charge_modeladmin_inspect", args=[quote(invoice.charge_id)])
        facts = [
            (_("Buyer"), invoice.buyer_name),
            (_("Network"), invoice.charge.scope_label),
            (_("Issued"), date_format(invoice.issued_on)),
            (_("Due"), date_format(invoice.due_on) if invoice.due_on else ""),
            (_("Excl. VAT"), money.format_kroner(invoice.net)),
            (_("VAT"), money.format_kroner(invoice.vat)),
            (_("Incl. VAT"), money.format_kroner(invoice.gross)),
        ]
        return super().get_context_data(
            **{
                "status": status_tag(payment_label(invoice), payment_tone(invoice)),
                "facts": [(label, value) for label, value in facts if value],
                "charge_url": charge_page,
                "related": self.related_documents(),
                "transmissions": [self._line(row) for row in invoice.transmissions.all()],
                "is_e_invoice": goes_by_e_invoice(invoice),
                "history": history_of(invoice, ACTION_LABELS),
                **kwargs,
            }
        )

    def related_documents(self) -> list[tuple[str, str]]:
        """(what, address) of the document that this one corrects, or of those correcting it."""
        invoice = self.instance
        others = [invoice.corrects] if invoice.corrects else list(invoice.credit_notes.all())
        return [(str(other), self.model_admin.row_url("inspect", other.pk)) for other in others]

    @staticmethod
    def _line(row: Transmission) -> dict[str, Any]:
        return {
            "label": when(row.sent_at or row.attempted_at or row.created_at),
            "state": status_tag(row.get_state_display(), transmission_tone(row)),
            "receipt": row.receipt,
            "error": row.error,
        }


class InvoiceAdmin(RowAdmin):
    model = Invoice
    policy = invoice_policy
    menu_label = _("Invoices")
    menu_icon = "doc-full-inverse"
    index_view_class = InvoiceIndexView
    inspect_view_class = InvoiceInspectView
    actions = (
        PdfView,
        SendAgainView,
        XmlView,
        MarkDeliveredView,
        ReissueInvoiceView,
        StopRemindersView,
        ResumeRemindersView,
    )
    bulk_actions = (RemindManyView,)
    pages = (OverdueView,)
