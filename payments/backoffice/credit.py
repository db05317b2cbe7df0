"""Crediting a charge by hand: whole, an amount, or one of its lines; a job issues the note."""

from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.audit import Actor
from cms.backoffice.rows import ActionView
from payments import money
from payments.fields import KronerFormField
from payments.models import Charge, ChargeLine, ChargeState
from payments.services.crediting import CreditTooLarge, credit_by_hand, left_to_credit


class Extent(TextChoices):
    WHOLE = "whole", _("All that is left")
    AMOUNT = "amount", _("An amount")
    LINE = "line", _("One of the lines")


class LineChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: ChargeLine) -> str:
        return f"{obj.description}: {money.format_kroner(obj.net)}"


class CreditForm(forms.Form):
    """``key`` is made with the page, so that one page credits once, however often it is sent."""

    extent = forms.ChoiceField(
        label=_("How much"), choices=Extent.choices, widget=forms.RadioSelect
    )
    amount = KronerFormField(
        label=_("Amount excl. VAT"),
        required=False,
        help_text=_("In kroner, when an amount is credited. The VAT is worked out."),
    )
    line = LineChoice(
        ChargeLine.objects.none(),
        label=_("Line"),
        required=False,
        help_text=_("When one of the lines is credited."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=250, help_text=_("Stands on the credit note.")
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *, charge: Charge, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        line: Any = self.fields["line"]
        line.queryset = charge.lines.all()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        extent = data.get("extent")
        if extent == Extent.AMOUNT and "amount" not in self.errors and not data.get("amount"):
            self.add_error("amount", _t("Write the amount."))
        if extent == Extent.LINE and "line" not in self.errors and not data.get("line"):
            self.add_error("line", _t("Choose the line."))
        return data


def net_of(data: dict[str, Any]) -> int | None:
    """øre excl. VAT that were asked for; None: all that is left."""
    match data["extent"]:
        case Extent.AMOUNT:
            return int(data["amount"])
        case Extent.LINE:
            return int(data["line"].net)
    return None


class CreditView(ActionView):
    name = "credit"
    label = _("Credit")
    icon_name = "minus"
    is_serious = True
    is_secondary = True
    refusals = (CreditTooLarge,)
    success_message = _("Credited. The credit note is issued within minutes.")

    @classmethod
    def fits(cls, instance: Charge) -> bool:
        return instance.state != ChargeState.CREDITED

    def get_form(self) -> forms.Form:
        return CreditForm(charge=self.instance, **self.get_form_kwargs())

    def get_initial(self) -> dict[str, Any]:
        return {"key": uuid4(), "extent": Extent.WHOLE}

    def explanation(self) -> str:
        told = _t("%(left)s excl. VAT can be credited. Places and seats stay as they are.") % {
            "left": money.format_kroner(left_to_credit(self.instance))
        }
        if self.instance.state != ChargeState.PAID:
            return told
        return " ".join(
            [
                told,
                _t(
                    "What was paid by card is sent back to the card. What was paid by bank is to "
                    "be transferred back by you."
                ),
            ]
        )

    def refusal_text(self, error: Exception) -> Any:
        return _t("Only %(left)s excl. VAT is left to credit.") % {
            "left": money.format_kroner(left_to_credit(self.instance))
        }

    def perform(self, data: dict[str, Any]) -> None:
        credit_by_hand(
            self.instance,
            net=net_of(data),
            key=str(data["key"]),
            reason=data["reason"],
            actor=Actor.by(self.request.user),  # type: ignore[arg-type]
        )
