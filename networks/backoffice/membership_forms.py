"""Forms of the actions on a membership."""

from typing import Any

from django import forms
from django.forms.models import fields_for_model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from networks.backoffice.actions import OptionalReasonForm, ReasonForm
from networks.models import Membership
from payments.identifiers import is_valid_cvr, is_valid_gln
from payments.models import PaymentMethod


class ApproveForm(OptionalReasonForm):
    text = forms.CharField(
        label=_("Text to the applicant"),
        help_text=_("Sent by e-mail, beside the usual mails. Empty: those alone."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    remember_domain = forms.BooleanField(
        label=_("Remember this mail domain"),
        help_text=_("From now on, addresses there need no approval for the municipality."),
        required=False,
    )


class RejectForm(ReasonForm):
    text = forms.CharField(
        label=_("Text to the applicant"),
        help_text=_("Sent by e-mail. Empty: the usual text alone."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class ApproveManyForm(OptionalReasonForm):
    text = forms.CharField(
        label=_("Text to the applicants"),
        help_text=_("Sent to each by e-mail, beside the usual mails. Empty: those alone."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class OfferForm(OptionalReasonForm):
    above_capacity = forms.BooleanField(
        label=_("Accept above capacity"), help_text=_("Needs a reason."), required=False
    )


class CancelForm(OptionalReasonForm):
    """Another last day than the usual one, or a credit, needs a reason."""

    ends_on = forms.DateField(
        label=_("Another last day"),
        help_text=_("Empty: the usual day, shown above."),
        required=False,
        widget=AdminDateInput,
    )
    credit = forms.BooleanField(
        label=_("Credit what was charged"),
        help_text=_("Makes a credit note; what was paid by card is paid back."),
        required=False,
    )

    def __init__(self, *args: Any, may_credit: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_credit:
            del self.fields["credit"]

    def clean_ends_on(self) -> Any:
        day = self.cleaned_data["ends_on"]
        if day and day < timezone.localdate():
            raise forms.ValidationError(_("The last day can't lie in the past."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (data.get("ends_on") or data.get("credit")) and not data.get("reason"):
            self.add_error("reason", _("Say why."))
        return data


class ContactForm(OptionalReasonForm):
    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("Work e-mail"), max_length=254)
    job_title = forms.CharField(label=_("Job title"), max_length=150, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)

    field_order = ("name", "email", "job_title", "phone", "reason")


def check_buyer(form: forms.Form, data: dict[str, Any], method: str) -> None:
    """Numbers have their check digits; an e-invoice has what it can't be sent without
    (name, EAN/GLN, and person reference or order number: PEPPOL-EN16931-R003)."""
    gln, cvr = data.get("buyer_gln"), data.get("buyer_cvr")
    if gln and not is_valid_gln(gln):
        form.add_error("buyer_gln", _("This is not an EAN/GLN number: check its digits."))
    if cvr and not is_valid_cvr(cvr):
        form.add_error("buyer_cvr", _("This is not a CVR number: its check digit is wrong."))
    if method != PaymentMethod.INVOICE:
        return
    for name in ("buyer_name", "buyer_gln"):
        if not data.get(name) and name not in form.errors:
            form.add_error(name, _("An e-invoice needs this."))
    if not data.get("buyer_reference") and not data.get("order_number"):
        form.add_error(
            "buyer_reference", _("An e-invoice needs a person reference or an order number.")
        )


def buyer_fields() -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = fields_for_model(Membership, Membership.buyer_fields())
    return fields


class BuyerForm(OptionalReasonForm):
    def __init__(self, *args: Any, method: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.method = method
        self.fields.update(buyer_fields())
        self.order_fields([*Membership.buyer_fields(), "reason"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        check_buyer(self, data, self.method)
        return data


class PositionForm(ReasonForm):
    position = forms.IntegerField(label=_("Place in line"), min_value=1)

    field_order = ("position", "reason")
