"""What the seller sets: bank, terms, VAT, card payment."""

from itertools import takewhile

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import register_setting
from wagtail.models import Site

from cms.site_settings import CachedSiteSetting
from home.models import Organisation
from payments.fields import KronerField, PercentField
from payments.identifiers import is_valid_iban
from payments.money import STANDARD_VAT_RATE

#: Of a reminder, øre, and days from one to the next (renteloven § 9 b, stk. 2).
LARGEST_FEE = 100_00
FEE_APART = 10


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
    account_debtors = models.CharField(_("debtors"), max_length=20, default="5600")
    account_revenue = models.CharField(_("revenue with VAT"), max_length=20, default="1010")
    account_revenue_exempt = models.CharField(
        _("revenue without VAT"), max_length=20, default="1050"
    )
    account_vat = models.CharField(_("output VAT"), max_length=20, default="6902")
    account_bank = models.CharField(_("bank"), max_length=20, default="5820")
    account_stripe = models.CharField(_("receivable from Stripe"), max_length=20, default="5830")
    account_duplicates = models.CharField(
        _("paid twice, to be sent back"), max_length=20, default="6850"
    )
    account_fees = models.CharField(_("Stripe's fees"), max_length=20, default="2770")
    account_disputes = models.CharField(_("disputed payments"), max_length=20, default="5840")
    account_unclear = models.CharField(_("unclear at Stripe"), max_length=20, default="5850")
    vat_code_fees = models.CharField(
        _("VAT code of Stripe's fees"),
        max_length=20,
        default="IVY25",
        blank=True,
        help_text=_(
            "Stripe invoices from Ireland without VAT: the code of services bought in the EU with "
            "reverse charge. Empty: none."
        ),
    )
    vat_code = models.CharField(_("VAT code with VAT"), max_length=20, default="U25", blank=True)
    vat_code_exempt = models.CharField(
        _("VAT code without VAT"), max_length=20, default="", blank=True
    )
    #: Which column of the bank's statement is which, as it was said the last time.
    statement_columns = models.JSONField(default=dict, blank=True)
    reminder_1_days = models.PositiveSmallIntegerField(
        _("first reminder, days after the due date"), null=True, blank=True
    )
    reminder_2_days = models.PositiveSmallIntegerField(
        _("second reminder, days after the due date"), null=True, blank=True
    )
    reminder_3_days = models.PositiveSmallIntegerField(
        _("third reminder, days after the due date"), null=True, blank=True
    )
    reminder_fee = KronerField(
        _("fee for a reminder"),
        null=True,
        blank=True,
        help_text=_(
            "In kroner, outside VAT; by law at most 100 kr. for each of three reminders, sent at "
            "least ten days apart (renteloven § 9 b). Empty: no fee."
        ),
    )
    alert_email = models.EmailField(
        _("alerts about payments go to"),
        blank=True,
        help_text=_(
            "Disputes, refunds that failed, payments that need review. Empty: to everybody who may "
            "change payments."
        ),
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
        MultiFieldPanel(
            [
                FieldPanel("account_debtors"),
                FieldPanel("account_revenue"),
                FieldPanel("account_revenue_exempt"),
                FieldPanel("account_vat"),
                FieldPanel("account_bank"),
                FieldPanel("account_stripe"),
                FieldPanel("account_duplicates"),
                FieldPanel("account_fees"),
                FieldPanel("account_disputes"),
                FieldPanel("account_unclear"),
                FieldPanel("vat_code_fees"),
                FieldPanel("vat_code"),
                FieldPanel("vat_code_exempt"),
            ],
            heading=_("Account numbers"),
            help_text=_(
                "As in your accounting system. A change holds for what is posted from then on."
            ),
        ),
        MultiFieldPanel(
            [
                FieldPanel("reminder_1_days"),
                FieldPanel("reminder_2_days"),
                FieldPanel("reminder_3_days"),
                FieldPanel("reminder_fee"),
            ],
            heading=_("Reminders of overdue invoices"),
            help_text=_(
                "Mailed to the invoice's e-mail address with the invoice attached. Empty: no such "
                "reminder. The texts stand among the texts of mails."
            ),
        ),
        FieldPanel("alert_email"),
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
        self._check_reminders()
        self._check_fee()
        number = self.bank_registration_number
        if number and not (number.isdigit() and len(number) == 4):
            raise ValidationError(
                {"bank_registration_number": _("A registration number has four digits.")}
            )

    @property
    def reminder_days(self) -> tuple[int, ...]:
        """Days after the due date of each reminder, those before the first empty one."""
        found = (self.reminder_1_days, self.reminder_2_days, self.reminder_3_days)
        return tuple(takewhile(lambda days: days is not None, found))  # type: ignore[arg-type]

    def _check_reminders(self) -> None:
        steps = [self.reminder_1_days, self.reminder_2_days, self.reminder_3_days]
        for number in (1, 2):
            later, before = steps[number], steps[number - 1]
            if later is not None and (before is None or later <= before):
                raise ValidationError(
                    {f"reminder_{number + 1}_days": _("It comes after the reminder before it.")}
                )
            if self.reminder_fee and later is not None and later - before < FEE_APART:  # type: ignore[operator]
                raise ValidationError(
                    {
                        f"reminder_{number + 1}_days": _(
                            "With a fee, reminders are at least ten days apart (renteloven § 9 b)."
                        )
                    }
                )

    def _check_fee(self) -> None:
        if self.reminder_fee is not None and not 0 < self.reminder_fee <= LARGEST_FEE:
            raise ValidationError(
                {"reminder_fee": _("A fee is at most 100 kr. (renteloven § 9 b). Empty: no fee.")}
            )


def seller_settings() -> tuple[Organisation, PaymentSettings]:
    """Who sells, and how to pay them: of the default site, which issues every invoice."""
    site = Site.objects.filter(is_default_site=True).values_list("pk", flat=True).first()
    return Organisation.of(site), PaymentSettings.of(site)


def site_vat_rate() -> int:
    """The rate that something new to be charged for starts with, hundredths of a percent."""
    rate = PaymentSettings.objects.order_by("pk").values_list("vat_rate", flat=True).first()
    return STANDARD_VAT_RATE if rate is None else rate
