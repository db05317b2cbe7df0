"""What the seller sets: bank, terms, VAT, card payment."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import register_setting

from cms.site_settings import CachedSiteSetting
from payments.fields import PercentField
from payments.money import STANDARD_VAT_RATE


@register_setting(icon="calculator", order=20)
class PaymentSettings(CachedSiteSetting):
    """Bank, terms and VAT. Name, CVR and address are the organisation's (``home``)."""

    bank_registration_number = models.CharField(
        _("bank registration number"), max_length=4, blank=True
    )
    bank_account_number = models.CharField(_("bank account number"), max_length=10, blank=True)
    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    vat_rate = PercentField(
        _("VAT rate"),
        default=STANDARD_VAT_RATE,
        help_text=_("In percent. New seasons start with it."),
    )
    payment_terms_days = models.PositiveSmallIntegerField(_("days to pay an invoice"), default=30)
    invoice_terms = models.TextField(
        _("terms on the invoice"),
        blank=True,
        help_text=_("Printed at the foot of the invoice."),
    )
    card_payment = models.BooleanField(
        _("card payment"),
        default=True,
        help_text=_("Off: sign-up goes on, with e-invoice as the only way to pay."),
    )

    panels = [
        MultiFieldPanel(
            [
                FieldPanel("bank_registration_number"),
                FieldPanel("bank_account_number"),
                FieldPanel("iban"),
            ],
            heading=_("Bank account"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("vat_rate"),
                FieldPanel("payment_terms_days"),
                FieldPanel("invoice_terms"),
            ],
            heading=_("VAT and invoice terms"),
        ),
        FieldPanel("card_payment"),
    ]

    class Meta:
        verbose_name = _("payment settings")

    def clean(self) -> None:
        super().clean()
        number = self.bank_registration_number
        if number and not (number.isdigit() and len(number) == 4):
            raise ValidationError(
                {"bank_registration_number": _("A registration number has four digits.")}
            )


def site_vat_rate() -> int:
    """The rate that something new to be charged for starts with, hundredths of a percent."""
    rate = PaymentSettings.objects.order_by("pk").values_list("vat_rate", flat=True).first()
    return STANDARD_VAT_RATE if rate is None else rate
