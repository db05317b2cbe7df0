"""Money that finance saw on the bank account: marking a charge as paid."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from cms import audit
from cms.audit import Actor
from cms.backoffice.rows import ActionView
from payments import money
from payments.models import Charge, ChargeState, PaymentMethod
from payments.services.bank import settle_outside_stripe
from payments.services.charging import still_owed


def can_be_settled(charge: Charge) -> bool:
    """Owed, and to be paid by bank: a card payment is Stripe's to tell."""
    return charge.state == ChargeState.OPEN and charge.method == PaymentMethod.INVOICE


class ReceivedForm(forms.Form):
    received_on = forms.DateField(label=_("Received on"), widget=AdminDateInput)

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise ValidationError(_t("The day lies in the future."))
        return day


class SettleView(ActionView):
    """Finance saw the money on the bank account."""

    name = "settle"
    label = _("Mark as paid by bank")
    icon_name = "check"
    form_class = ReceivedForm
    success_message = _("Marked as paid.")

    @classmethod
    def fits(cls, instance: Charge) -> bool:
        return can_be_settled(instance)

    def get_initial(self) -> dict[str, Any]:
        return {"received_on": timezone.localdate()}

    def explanation(self) -> str:
        return _t("%(amount)s from %(buyer)s has reached the bank account.") % {
            "amount": money.format_kroner(still_owed(self.instance)),
            "buyer": self.instance.buyer_name or "–",
        }

    def post(self, request: HttpRequest) -> Any:
        # A stale page must not settle what was credited or is to be paid by card.
        return super().post(request) if self.fits(self.instance) else self.get(request)

    def perform(self, data: dict[str, Any]) -> None:
        actor = Actor.by(self.request.user)  # type: ignore[arg-type]
        if settle_outside_stripe(self.instance, received_on=data["received_on"], actor=actor):
            audit.record(actor=actor, action="charge.settled_by_bank", subject=self.instance)
