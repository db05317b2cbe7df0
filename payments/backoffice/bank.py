"""The bank account in the administration: statements taken in, transfers matched with charges."""

from contextlib import suppress
from typing import Any

import django_filters
from django import forms
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import HeaderButton

from cms.audit import Actor
from cms.backoffice.admin import RowAdmin
from cms.backoffice.history import history_of
from cms.backoffice.listing import (
    NEUTRAL,
    POSITIVE,
    WAITING,
    DayColumn,
    RowIndexView,
    StatusColumn,
    status_tag,
)
from cms.backoffice.rows import BackofficeView, FormPage, InspectView
from cms.backoffice.saved_views import StandingView
from payments import money
from payments.backoffice.bank_actions import IgnoreView, MatchView, UnmatchView
from payments.backoffice.wording import ACTION_LABELS
from payments.models import BankTransfer, Invoice, TransferState, seller_settings
from payments.policies import bank_transfer_policy
from payments.services import bank, charging
from payments.services.bank import Certainty, NotMatchable
from payments.statements import NEEDED, USUAL, UnreadableStatement, read, table_of

_TONES = {
    TransferState.UNMATCHED: WAITING,
    TransferState.MATCHED: POSITIVE,
    TransferState.IGNORED: NEUTRAL,
}
#: Suggestions are worked out for that many transfers at a time.
AT_A_TIME = 100


def amount_text(transfer: BankTransfer) -> str:
    return money.format_kroner(transfer.amount)


def tone(transfer: BankTransfer) -> str:
    return _TONES[TransferState(transfer.state)]


class BankTransferFilters(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(
        label=_("State"),
        choices=TransferState.choices,
        widget=forms.CheckboxSelectMultiple,
        distinct=False,
    )
    received_on = django_filters.DateFromToRangeFilter(
        label=_("Received"), widget=DateRangePickerWidget
    )

    class Meta:
        model = BankTransfer
        fields: list[str] = []


class BankTransferIndexView(RowIndexView):
    title_column = ("__str__", _("Transfer"))
    title_sort_key = "received_on"
    default_ordering = ("-received_on", "-pk")
    search_fields = ("text", "charge__buyer_name", "charge__description")
    related = ("charge",)
    filterset_class = BankTransferFilters
    standing_views = (StandingView(_("Unmatched"), "state=unmatched"),)
    row_columns = (
        DayColumn("received_on", label=_("Received"), sort_key="received_on"),
        Column(
            "amount",
            classname="backoffice-number",
            label=_("Amount"),
            accessor=amount_text,
            sort_key="amount",
        ),
        Column("charge", label=_("Charge"), accessor="charge"),
        StatusColumn("state", label=_("State"), accessor="get_state_display", tone=tone),
    )

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        if not self.permission_policy.user_has_permission(self.request.user, "change"):
            return []
        return [
            HeaderButton(
                label=page.label,
                url=self.model_admin.row_url(page.name),
                icon_name=page.icon_name,
                priority=position,
            )
            for position, page in enumerate(self.model_admin.pages)
        ]


class BankTransferInspectView(InspectView):
    template_name = "payments/backoffice/bank_transfer.html"

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("charge", "matched_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        transfer = self.instance
        charge = transfer.charge
        facts = [
            (_("Received"), transfer.received_on),
            (_("Amount"), amount_text(transfer)),
            (_("Text"), transfer.text),
            (_("Matched by"), transfer.matched_by),
        ]
        return super().get_context_data(
            **{
                "status": status_tag(transfer.get_state_display(), tone(transfer)),
                "facts": [(label, value) for label, value in facts if value],
                "charge": charge,
                "charge_url": (
                    reverse("payments_charge_modeladmin_inspect", args=[quote(charge.pk)])
                    if charge
                    else ""
                ),
                "history": history_of(transfer, ACTION_LABELS),
                **kwargs,
            }
        )


class StatementForm(forms.Form):
    """The file, and which column is which: remembered from the last time."""

    statement = forms.FileField(
        label=_("Statement"), help_text=_("CSV, as the bank's website exports it.")
    )
    date = forms.CharField(label=_("Column of the date"), max_length=60)
    text = forms.CharField(label=_("Column of the text"), max_length=60)
    amount = forms.CharField(label=_("Column of the amount"), max_length=60)
    reference = forms.CharField(
        label=_("Column of the reference"),
        max_length=60,
        required=False,
        help_text=_("Where the bank has one of its own, for example of payment slips."),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        content = data["statement"].read()
        columns = {fact: data[fact] for fact in USUAL if data.get(fact)}
        try:
            data["rows"] = read(content, columns)
        except UnreadableStatement as error:
            self.add_error(None, str(error))
            self._tell_columns(content)
        return {**data, "columns": columns}

    def _tell_columns(self, content: bytes) -> None:
        try:
            names, _rows = table_of(content)
        except UnreadableStatement:
            return
        told = _t("The file has these columns: %(names)s.") % {"names": ", ".join(names)}
        self.add_error(None, told)


class ImportStatementView(FormPage, BackofficeView):
    """Takes in a statement; the same one again adds nothing."""

    name = "import"
    permission = "change"
    label = _("Take in a statement")
    icon_name = "upload"
    form_class = StatementForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "files": self.request.FILES or None}

    def get_initial(self) -> dict[str, Any]:
        _organisation, settings = seller_settings()
        usual = {fact: USUAL[fact][0].capitalize() for fact in NEEDED}
        return {**usual, **settings.statement_columns}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(
            **{
                "explanation": _t(
                    "Incoming money is taken in. Nothing is matched before you confirm it."
                ),
                "submit_label": self.label,
                "cancel_url": self.model_admin.row_url("index"),
                **kwargs,
            }
        )
        return context

    def perform(self, data: dict[str, Any]) -> str:
        new, known = bank.take_in(data["rows"], actor=Actor.by(self.request.user))  # type: ignore[arg-type]
        _organisation, settings = seller_settings()
        if settings.pk and settings.statement_columns != data["columns"]:
            settings.statement_columns = data["columns"]
            settings.save(update_fields=["statement_columns"])
        return _t("%(new)s new transfers; %(known)s were known.") % {"new": new, "known": known}

    def get_success_url(self) -> str:
        return str(self.model_admin.row_url("suggestions"))


class SuggestionsView(BackofficeView):
    """The unmatched transfers with what they most likely pay; the ticked ones are matched."""

    name = "suggestions"
    permission = "change"
    label = _("Match transfers")
    icon_name = "check"
    template_name = "payments/backoffice/suggestions.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = self.render_to_response(
            self.get_context_data(lines=self.lines(), cancel_url=self.model_admin.row_url("index"))
        )
        return response

    def lines(self) -> list[dict[str, Any]]:
        """A line for each transfer that something speaks for."""
        unmatched = BankTransfer.objects.filter(state=TransferState.UNMATCHED)[:AT_A_TIME]
        found = [(transfer, bank.suggestion_for(transfer)) for transfer in unmatched]
        return [
            {
                "transfer": transfer,
                "amount": amount_text(transfer),
                "charge": suggestion.charge,
                "owed": money.format_kroner(charging.still_owed(suggestion.charge)),
                "invoice": Invoice.objects.get(charge=suggestion.charge, kind="invoice"),
                "certainty": suggestion.certainty,
                "value": f"{transfer.pk}:{suggestion.charge.pk}",
                "is_sure": suggestion.certainty == Certainty.SURE,
            }
            for transfer, suggestion in found
            if suggestion
        ]

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Match what was ticked, as far as it still is what the page suggested."""
        ticked = set(request.POST.getlist("match"))
        matched = 0
        for line in self.lines():
            if line["value"] in ticked:
                actor = Actor.by(request.user)  # type: ignore[arg-type]
                # Somebody else may have matched it, or credited the charge, in this moment.
                with suppress(NotMatchable):
                    bank.match(line["transfer"], line["charge"], actor=actor)
                    matched += 1
        messages.success(request, _t("%(count)s transfers are matched.") % {"count": matched})
        return redirect(self.model_admin.row_url("suggestions" if matched else "index"))


class BankTransferAdmin(RowAdmin):
    model = BankTransfer
    policy = bank_transfer_policy
    menu_label = _("Bank")
    menu_icon = "download"
    index_view_class = BankTransferIndexView
    inspect_view_class = BankTransferInspectView
    actions = (MatchView, UnmatchView, IgnoreView)
    pages = (ImportStatementView, SuggestionsView)
