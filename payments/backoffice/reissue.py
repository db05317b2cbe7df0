"""Correcting whom an unpaid e-invoice is made out to, from the invoice or from its charge."""

from typing import Any

from django import forms
from django.contrib.admin.utils import quote
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.audit import Actor
from cms.backoffice.rows import ActionView
from payments.identifiers import is_valid_cvr, is_valid_gln
from payments.models import Charge, Invoice
from payments.services.reissue import NotReissuable, credit_and_reissue, is_reissuable

#: Without these no e-invoice can be issued (momsbekendtgørelsen § 58; Peppol BIS Billing 3.0).
REQUIRED = ("buyer_name", "buyer_street", "buyer_postal_code", "buyer_city", "buyer_gln")


class CorrectedBuyerForm(forms.ModelForm):
    """Every fact of the buyer, and why it is corrected: the reason stands on the credit note."""

    reason = forms.CharField(
        label=_("Reason"), max_length=250, help_text=_("Stands on the credit note.")
    )

    class Meta:
        model = Charge
        fields = Charge.buyer_fields()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in REQUIRED:
            self.fields[name].required = True

    def clean_buyer_gln(self) -> str:
        number: str = self.cleaned_data["buyer_gln"].replace(" ", "")
        if not is_valid_gln(number):
            raise ValidationError(
                _t("This is not an EAN/GLN number: it has 13 digits, and the last must match.")
            )
        return number

    def clean_buyer_cvr(self) -> str:
        number: str = self.cleaned_data["buyer_cvr"].replace(" ", "")
        if number and not is_valid_cvr(number):
            raise ValidationError(_t("This is not a CVR number: its check digit is wrong."))
        return number

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not data.get("buyer_reference") and not data.get("order_number"):
            self.add_error("buyer_reference", _t("Write a person reference or an order number."))
        buyer_fields = Charge.buyer_fields()
        if not self.errors and not set(self.changed_data) & set(buyer_fields):
            raise ValidationError(_t("Nothing is corrected: the details are as they were."))
        return data


class _ReissueView(ActionView):
    name = "reissue"
    label = _("Correct the buyer (credit and reissue)")
    icon_name = "edit"
    is_secondary = True
    is_serious = True
    submit_label = _("Credit and reissue")
    refusals = (NotReissuable,)

    @property
    def charge(self) -> Charge:
        raise NotImplementedError

    def get_form(self) -> forms.Form:
        # The form writes into its instance: a copy, so that the page goes on showing what is.
        copy = Charge.objects.get(pk=self.charge.pk)
        data = self.request.POST if self.request.method == "POST" else None
        form: forms.Form = CorrectedBuyerForm(data=data, instance=copy)  # type: ignore[assignment]
        return form

    def explanation(self) -> str:
        return _t(
            "What is left of the charge is credited, and a new charge with the same lines is made "
            "out to the corrected buyer. Credit note and new invoice are issued within minutes. "
            "Places and seats stay as they are."
        )

    def refusal_text(self, error: Exception) -> Any:
        return _(
            "Only an unpaid charge by e-invoice can be made out anew: of one that was paid, in "
            "part or whole, the money would belong to neither. Credit it instead, and charge anew "
            "once the money is returned."
        )

    def perform(self, data: dict[str, Any]) -> None:
        self.new = credit_and_reissue(
            self.charge,
            buyer={name: data[name] for name in Charge.buyer_fields()},
            reason=data["reason"],
            actor=Actor.by(self.request.user),  # type: ignore[arg-type]
        )

    def get_success_url(self) -> str:
        return reverse("payments_charge_modeladmin_inspect", args=[quote(self.new.pk)])

    success_message = _("Credited, and charged anew: this is the new charge.")


class ReissueChargeView(_ReissueView):
    @property
    def charge(self) -> Charge:
        charge: Charge = self.instance
        return charge

    @classmethod
    def fits(cls, instance: Charge) -> bool:
        return is_reissuable(instance)


class ReissueInvoiceView(_ReissueView):
    @property
    def charge(self) -> Charge:
        charge: Charge = self.instance.charge
        return charge

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("charge")

    @classmethod
    def fits(cls, instance: Invoice) -> bool:
        return instance.kind == "invoice" and is_reissuable(instance.charge)
