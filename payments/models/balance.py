"""Stripe's balance: every transaction of it, its payouts, and what Stripe said that it holds."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from payments import money
from payments.models.payment import Payment, Refund


class BalanceCategory(models.TextChoices):
    """What a transaction is to finance; from Stripe's ``reporting_category``."""

    PAYMENT = "payment", _("Payment")
    REFUND = "refund", _("Refund")
    DISPUTE = "dispute", _("Dispute")
    FEE = "fee", _("Fee")
    PAYOUT = "payout", _("Payout")
    #: Whatever else Stripe may do: for a person to look at.
    OTHER = "other", _("Other")


class Payout(models.Model):
    """Money that Stripe sent to the bank account. Whole øre; ``state`` is Stripe's word."""

    stripe_id = models.CharField(_("Stripe's number"), max_length=120, unique=True)
    livemode = models.BooleanField()
    amount = models.BigIntegerField(_("amount"))
    state = models.CharField(_("state"), max_length=40)
    created_at = models.DateTimeField(_("sent"))
    arrives_on = models.DateField(_("arrives"))
    #: When it was asked what it consists of; Stripe doesn't tell of those ordered by hand.
    listed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        ordering = ["-created_at", "-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        day = date_format(self.arrives_on, "SHORT_DATE_FORMAT")
        return f"{money.format_kroner(self.amount)}, {day}"


class BalanceTransaction(models.Model):
    """One event at Stripe and what it did to the balance. Whole øre, negative when money left.

    Never changed or deleted, the database sees to it; only the links to what is ours are set, once
    each, when they become known.
    """

    stripe_id = models.CharField(_("Stripe's number"), max_length=120, unique=True)
    #: Of the key that it was read with.
    livemode = models.BooleanField()
    type = models.CharField(_("type"), max_length=60)
    category = models.CharField(_("category"), max_length=10, choices=BalanceCategory.choices)
    amount = models.BigIntegerField(_("amount"))
    fee = models.BigIntegerField(_("fee"))
    net = models.BigIntegerField(_("net"))
    currency = models.CharField(max_length=3, default="dkk")
    created_at = models.DateTimeField(_("happened"))
    available_on = models.DateTimeField(_("available"))
    #: The charge, refund, dispute or payout at Stripe.
    source_id = models.CharField(max_length=120, blank=True, db_index=True)
    payment_intent_id = models.CharField(max_length=120, blank=True, db_index=True)
    description = models.CharField(_("text"), max_length=250, blank=True)
    payment = models.ForeignKey(
        Payment,
        verbose_name=_("payment"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="balance_transactions",
    )
    refund = models.ForeignKey(
        Refund,
        verbose_name=_("refund"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="balance_transactions",
    )
    #: The payout that it went to the bank with; the payout's own transaction is its ``source_id``.
    payout = models.ForeignKey(
        Payout,
        verbose_name=_("payout"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="transactions",
    )
    imported_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("Stripe transaction")
        verbose_name_plural = _("Stripe transactions")
        ordering = ["-created_at", "-pk"]
        default_permissions = ("view",)
        permissions = [("export_balancetransaction", "Can export Stripe transactions")]
        indexes = [models.Index(fields=["livemode", "-created_at"], name="balance_created")]
        constraints = [
            models.CheckConstraint(
                condition=Q(net=F("amount") - F("fee")), name="balance_net_is_amount_less_fee"
            ),
            models.CheckConstraint(condition=Q(currency="dkk"), name="balance_in_kroner"),
            models.CheckConstraint(
                condition=Q(refund__isnull=True) | Q(category="refund"),
                name="balance_refund_is_of_a_refund",
            ),
        ]

    def __str__(self) -> str:
        day = date_format(timezone.localtime(self.created_at), "SHORT_DATE_FORMAT")
        return f"{self.get_category_display()}, {money.format_kroner(self.amount)}, {day}"


class BalanceReading(models.Model):
    """What Stripe said that it holds, beside what the transactions sum to; one for each mode.

    Taken when Stripe said the same before and after the transactions were read.
    """

    livemode = models.BooleanField(unique=True)
    #: øre
    held = models.BigIntegerField()
    transactions = models.BigIntegerField()
    read_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.read_at:%Y-%m-%d %H:%M}"
