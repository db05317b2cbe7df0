"""What the seller sets: bank, terms, VAT, card payment."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import register_setting
from wagtail.models import Site

from cms.site_settings import CachedSiteSetting
from home.models import Organisation
from payments.fields import PercentField
from payments.identifiers import is_valid_iban
from payments.money import STANDARD_VAT_RATE


@register_setting(icon="calculator", order=20)
class PaymentSettings(CachedSiteSetting):
    """Bank, terms and VAT. Name, CVR and address are the organisation's (``home``)."""

    bank_registration_number = models.CharField(
        _("bank registration number"), max_length=4, blank=True
    )
    bank_account_number = models.CharField(_("bank account number"), max_length=10, blank=True)
    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    fik_creditor = models.CharField(
        _("creditor number"),
        max_length=8,
        blank=True,
        help_text=_("Of payment slips (FIK, kind 71): eight digits. Printed with the invoice."),
    )
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
    invoice_prefix = models.CharField(
        _("letters before the invoice number"),
        max_length=8,
        blank=True,
        help_text=_("For example KN: the numbers are then KN2027-00001 and so on."),
    )
    accounting_year_begins = models.PositiveSmallIntegerField(
        _("the accounting year begins in"),
        default=1,
        choices=[(month, name) for month, name in MONTHS.items()],
    )
    #: Which column of the bank's statement is which, as it was said the last time.
    statement_columns = models.JSONField(default=dict, blank=True)
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
                FieldPanel("fik_creditor"),
            ],
            heading=_("Bank account"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("vat_rate"),
                FieldPanel("payment_terms_days"),
                FieldPanel("invoice_terms"),
                FieldPanel("invoice_prefix"),
                FieldPanel("accounting_year_begins"),
            ],
            heading=_("VAT and invoice terms"),
        ),
        FieldPanel("card_payment"),
    ]

    class Meta:
        verbose_name = _("payment settings")

    def clean(self) -> None:
        super().clean()
        if self.iban and not is_valid_iban(self.iban):
            raise ValidationError({"iban": _("This is not an IBAN: its check digits are wrong.")})
        if self.fik_creditor and not (self.fik_creditor.isdigit() and len(self.fik_creditor) == 8):
            raise ValidationError({"fik_creditor": _("A creditor number has eight digits.")})
        number = self.bank_registration_number
        if number and not (number.isdigit() and len(number) == 4):
            raise ValidationError(
                {"bank_registration_number": _("A registration number has four digits.")}
            )


def seller_settings() -> tuple[Organisation, PaymentSettings]:
    """Who sells, and how to pay them: of the default site, which issues every invoice."""
    site = Site.objects.filter(is_default_site=True).values_list("pk", flat=True).first()
    return Organisation.of(site), PaymentSettings.of(site)


def site_vat_rate() -> int:
    """The rate that something new to be charged for starts with, hundredths of a percent."""
    rate = PaymentSettings.objects.order_by("pk").values_list("vat_rate", flat=True).first()
    return STANDARD_VAT_RATE if rate is None else rate
