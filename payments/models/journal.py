"""The journal: what the books say of every event of money, and the months that are closed."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from payments.models.charge import Charge


class VoucherKind(models.TextChoices):
    INVOICE = "invoice", _("Invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")
    PAYMENT = "payment", _("Payment through Stripe")
    DUPLICATE = "duplicate", _("Payment made twice")
    REFUND = "refund", _("Refund")
    REFUND_UNDONE = "refund_undone", _("Refund that came back")
    TRANSFER = "transfer", _("Bank transfer")
    TRANSFER_UNDONE = "transfer_undone", _("Match undone")
    FEE = "fee", _("Stripe's fee")
    PAYOUT = "payout", _("Payout from Stripe")
    DISPUTE = "dispute", _("Disputed payment")
    UNCLEAR = "unclear", _("Unclear at Stripe")
    UNCLEAR_UNDONE = "unclear_undone", _("Cleared up at Stripe")


#: Vouchers with a document's number as reference; the others have Stripe's, or a key of ours.
NUMBERED = frozenset(
    {
        VoucherKind.INVOICE,
        VoucherKind.CREDIT_NOTE,
        VoucherKind.TRANSFER,
        VoucherKind.TRANSFER_UNDONE,
    }
)


class Role(models.TextChoices):
    """What the account of a posting is for, whatever number it has."""

    DEBTORS = "debtors", _("Debtors")
    REVENUE = "revenue", _("Revenue")
    VAT = "vat", _("Output VAT")
    BANK = "bank", _("Bank")
    STRIPE = "stripe", _("Receivable from Stripe")
    DUPLICATES = "duplicates", _("Paid twice, to be sent back")
    FEES = "fees", _("Stripe's fees")
    DISPUTES = "disputes", _("Disputed payments")
    UNCLEAR = "unclear", _("Unclear at Stripe")


class Posting(models.Model):
    """One line of a voucher. ``amount`` is whole øre, debit positive, credit negative.

    The postings of a voucher come together and sum to zero; none is ever changed or deleted, nor
    dated in a closed month: the database refuses it. An event of a closed month is dated the first
    day that is open, and ``event_on`` tells when it happened.
    """

    #: Which event: posted once, whoever asks how often.
    voucher = models.CharField(_("voucher"), max_length=80)
    #: Distinguishes the lines of one voucher.
    line = models.PositiveSmallIntegerField()
    kind = models.CharField(_("voucher type"), max_length=20, choices=VoucherKind.choices)
    #: As the papers name it: Stripe's id, else the invoice's number; no personal data.
    reference = models.CharField(_("reference"), max_length=120)
    posted_on = models.DateField(_("date"))
    event_on = models.DateField(_("happened on"))
    role = models.CharField(_("posted as"), max_length=12, choices=Role.choices)
    account = models.CharField(_("account"), max_length=20)
    vat_code = models.CharField(_("VAT code"), max_length=20, blank=True)
    amount = models.BigIntegerField(_("amount"))
    #: Of revenue, else empty: positive when sold, negative when credited.
    net = models.BigIntegerField(_("excl. VAT"), null=True, blank=True)
    vat = models.BigIntegerField(_("VAT"), null=True, blank=True)
    gross = models.BigIntegerField(_("incl. VAT"), null=True, blank=True)
    #: Empty where the event is of no charge: payouts, fees of their own.
    charge = models.ForeignKey(
        Charge,
        verbose_name=_("charge"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="postings",
    )
    network = models.CharField(_("network"), max_length=250, blank=True)
    #: The period delivered, of revenue that is to be accrued.
    period_start = models.DateField(_("period from"), null=True, blank=True)
    period_end = models.DateField(_("period until"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ["-posted_on", "-pk"]
        default_permissions = ("view",)
        permissions = [
            ("close_posting", "Can close months"),
            ("export_posting", "Can export postings"),
        ]
        indexes = [
            models.Index(fields=["posted_on", "id"], name="posting_posted"),
            models.Index(fields=["account", "posted_on"], name="posting_account"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["voucher", "line"], name="posted_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="posting_has_amount"),
            models.CheckConstraint(
                condition=Q(posted_on__gte=F("event_on")), name="posted_not_before_it_happened"
            ),
            models.CheckConstraint(
                condition=Q(
                    role="revenue", net=-F("amount"), gross=F("net") + F("vat"), vat__isnull=False
                )
                | Q(~Q(role="revenue"), net__isnull=True, vat__isnull=True, gross__isnull=True),
                name="revenue_has_net_and_vat",
            ),
        ]

    def __str__(self) -> str:
        """As finance knows the voucher: by its document's number and the buyer, else by its day.
        Read with its charge, it asks nothing more."""
        named = [f"{self.get_kind_display()} {self.document_number}".strip()]
        if self.charge:
            named.append(self.charge.buyer_name)
        if not self.document_number:
            named.append(date_format(self.posted_on, "SHORT_DATE_FORMAT"))
        return ", ".join(each for each in named if each)

    @property
    def document_number(self) -> str:
        """The reference, where it is an invoice's or a credit note's number."""
        if self.kind not in NUMBERED or self.reference == str(self.charge_id):
            return ""
        return self.reference

    @property
    def is_late(self) -> bool:
        """It happened in a month that was closed before it was posted."""
        return self.posted_on != self.event_on


class AccountingMonth(models.Model):
    """A closed month, named by its first day. What was posted in it never changes again."""

    month = models.DateField(_("month"), unique=True)
    closed_at = models.DateTimeField(_("closed"), auto_now_add=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("closed by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = _("closed month")
        verbose_name_plural = _("closed months")
        ordering = ["-month"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="month_by_its_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
