"""The part of a form that asks whom the invoice goes to."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from networks.models import Municipality
from payments.identifiers import is_valid_cvr, is_valid_gln


class BuyerForm(forms.Form):
    """Whom the invoice goes to. Name and CVR default to the municipality's."""

    buyer_gln = forms.CharField(
        label=gettext_lazy("EAN/GLN number"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("13 digits. Your finance department knows it."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    buyer_reference = forms.CharField(
        label=gettext_lazy("Person reference"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("Who the invoice is for, or the code that they go by."),
    )
    order_number = forms.CharField(
        label=gettext_lazy("Order or requisition number"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("A person reference or an order number is required."),
    )
    account_string = forms.CharField(
        label=gettext_lazy("Account string"), required=False, max_length=100
    )
    buyer_name = forms.CharField(
        label=gettext_lazy("Name on the invoice"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Empty: the municipality's name."),
    )
    buyer_cvr = forms.CharField(
        label=gettext_lazy("CVR number"),
        required=False,
        max_length=8,
        help_text=gettext_lazy("Empty: the municipality's."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    buyer_street = forms.CharField(
        label=gettext_lazy("Address"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    buyer_postal_code = forms.CharField(
        label=gettext_lazy("Postal code"),
        required=False,
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
    )
    buyer_city = forms.CharField(
        label=gettext_lazy("City"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )

    INVOICE_FIELDS = ("buyer_gln", "buyer_reference", "order_number", "account_string")
    ADDRESS_FIELDS = (
        "buyer_name",
        "buyer_cvr",
        "buyer_street",
        "buyer_postal_code",
        "buyer_city",
    )

    def clean_buyer_gln(self) -> str:
        number: str = self.cleaned_data["buyer_gln"].replace(" ", "")
        if number and not is_valid_gln(number):
            raise ValidationError(
                _("This is not an EAN/GLN number: it has 13 digits, and the last must match.")
            )
        return number

    def clean_buyer_cvr(self) -> str:
        number: str = self.cleaned_data["buyer_cvr"].replace(" ", "")
        if number and not is_valid_cvr(number):
            raise ValidationError(_("This is not a CVR number: its check digit is wrong."))
        return number

    def require_address(self) -> None:
        """An invoice names the buyer's address (momsbekendtgørelsen § 58)."""
        messages = {
            "buyer_street": _("Write the address."),
            "buyer_postal_code": _("Write the postal code."),
            "buyer_city": _("Write the city."),
        }
        for name, message in messages.items():
            if name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, message)

    def require_invoice_details(self) -> None:
        """EAN/GLN, and one of the two references (Peppol PEPPOL-EN16931-R003)."""
        if "buyer_gln" not in self.errors and not self.cleaned_data.get("buyer_gln"):
            self.add_error("buyer_gln", _("Write the EAN/GLN number that the invoice goes to."))
        if not self.cleaned_data.get("buyer_reference") and not self.cleaned_data.get(
            "order_number"
        ):
            self.add_error("buyer_reference", _("Write a person reference or an order number."))

    def buyer(self, municipality: Municipality | None, contact: str, email: str) -> dict[str, str]:
        """The fields of ``payments.models.Buyer``, defaults filled in."""
        given = {
            name: self.cleaned_data.get(name, "")
            for name in (*self.INVOICE_FIELDS, *self.ADDRESS_FIELDS)
        }
        if municipality:
            given["buyer_name"] = given["buyer_name"] or municipality.official_name
            given["buyer_cvr"] = given["buyer_cvr"] or municipality.cvr
        return {**given, "buyer_contact": contact, "buyer_email": email}


class InvoiceInsteadForm(BuyerForm):
    """On the payment page: pay by e-invoice instead of by card."""

    def clean(self) -> dict[str, Any]:
        self.require_invoice_details()
        self.require_address()
        return self.cleaned_data
