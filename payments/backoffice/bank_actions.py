"""What finance does with one bank transfer."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.audit import Actor
from cms.backoffice.rows import ActionView
from payments import money
from payments.models import BankTransfer, Charge, ChargeState, Invoice, TransferState
from payments.services import bank
from payments.services.bank import NotMatchable


class InvoiceNumberForm(forms.Form):
    number = forms.CharField(
        label=_("Invoice number"),
        max_length=30,
        help_text=_("Of the invoice that the transfer pays, all of it or a part."),
    )

    def clean_number(self) -> Charge:
        number = self.cleaned_data["number"].strip()
        invoice = Invoice.objects.filter(kind="invoice", number__iexact=number).first()
        if invoice is None:
            raise ValidationError(_t("There is no invoice of that number."))
        if invoice.charge.state == ChargeState.CREDITED:
            raise ValidationError(_t("That invoice was credited: nothing is owed."))
        return invoice.charge


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}))


class TransferAction(ActionView):
    refusals = (NotMatchable,)

    @property
    def actor(self) -> Actor:
        return Actor.by(self.request.user)  # type: ignore[arg-type]

    def refusal_text(self, error: Exception) -> Any:
        return _("That can't be done now: the state has changed.")


class MatchView(TransferAction):
    name = "match"
    label = _("Match with an invoice")
    icon_name = "check"
    form_class = InvoiceNumberForm
    success_message = _("Matched.")

    @classmethod
    def fits(cls, instance: BankTransfer) -> bool:
        return instance.state != TransferState.MATCHED

    def get_initial(self) -> dict[str, Any]:
        suggestion = bank.suggestion_for(self.instance)
        if suggestion is None:
            return {}
        return {"number": suggestion.charge.invoices.get(kind="invoice").number}

    def explanation(self) -> str:
        return _t("%(amount)s, %(text)s.") % {
            "amount": money.format_kroner(self.instance.amount),
            "text": self.instance.text or "–",
        }

    def perform(self, data: dict[str, Any]) -> None:
        bank.match(self.instance, data["number"], actor=self.actor)


class UnmatchView(TransferAction):
    name = "unmatch"
    label = _("Undo the match")
    icon_name = "rotate"
    is_serious = True
    form_class = ReasonForm
    success_message = _("Undone: what it had paid is owed again.")

    @classmethod
    def fits(cls, instance: BankTransfer) -> bool:
        return instance.state == TransferState.MATCHED

    def perform(self, data: dict[str, Any]) -> None:
        bank.unmatch(self.instance, actor=self.actor, reason=data["reason"])


class IgnoreView(TransferAction):
    name = "ignore"
    label = _("Not ours")
    icon_name = "cross"
    is_secondary = True
    form_class = ReasonForm
    success_message = _("Put aside.")

    @classmethod
    def fits(cls, instance: BankTransfer) -> bool:
        return instance.state == TransferState.UNMATCHED

    def perform(self, data: dict[str, Any]) -> None:
        bank.ignore(self.instance, actor=self.actor, reason=data["reason"])
