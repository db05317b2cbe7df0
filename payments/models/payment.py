"""Money that moved through Stripe: attempts to pay, and refunds."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from payments import money
from payments.models.charge import Charge


class PaymentState(models.TextChoices):
    #: Committed before Stripe is called; no session known yet.
    CREATED = "created", _("Begun")
    OPEN = "open", _("At the payment page")
    #: The session is complete, the money is on its way (asynchronous methods).
    PROCESSING = "processing", _("Being processed")
    SUCCEEDED = "succeeded", _("Paid")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")
    #: Stripe says something else than we asked for: a person must look.
    NEEDS_REVIEW = "needs_review", _("Needs review")


#: A session of these may still bring money; at most one of a charge at a time.
UNDER_WAY = (PaymentState.CREATED, PaymentState.OPEN, PaymentState.PROCESSING)

#: Of a dispute, or of an inquiry that may become one: evidence is awaited from us.
AWAITS_EVIDENCE = ("needs_response", "warning_needs_response")


class Payment(models.Model):
    """One attempt to pay a charge in a Stripe Checkout session. Its id is our idempotency key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="payments")
    state = models.CharField(
        _("state"), max_length=15, choices=PaymentState.choices, default=PaymentState.CREATED
    )
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3, default="dkk")
    livemode = models.BooleanField(default=False)
    session_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    payment_intent_id = models.CharField(max_length=120, blank=True, db_index=True)
    session_url = models.TextField(blank=True)
    #: Kept, since a retry with another value is an idempotency error at Stripe.
    expires_at = models.DateTimeField(_("expires"))
    review_reason = models.TextField(_("needs review because"), blank=True)
    #: A second payment of a charge already paid stands outside the ledger, with its refund.
    is_duplicate = models.BooleanField(_("duplicate"), default=False)
    #: Stripe's word for the latest dispute (``needs_response``, ``won``, ``lost`` …); empty: none.
    dispute_state = models.CharField(_("dispute"), max_length=40, blank=True)
    #: Stripe's word for why (``fraudulent``, ``product_not_received`` …).
    dispute_reason = models.CharField(_("reason of the dispute"), max_length=60, blank=True)
    dispute_amount = models.BigIntegerField(_("amount in dispute"), null=True, blank=True)
    #: Until when evidence can be sent to Stripe.
    dispute_due_by = models.DateTimeField(_("answer the dispute by"), null=True, blank=True)
    #: When a person decided that nothing of it is kept (``services.review``).
    review_closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-created_at"]
        permissions = [("export_payment", "Can export payments")]
        indexes = [models.Index(fields=["-created_at"], name="payment_created")]
        constraints = [
            models.UniqueConstraint(
                fields=["charge"],
                condition=Q(state__in=["created", "open", "processing"]),
                name="one_attempt_under_way",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(state="succeeded", paid_at__isnull=False) | ~Q(state="succeeded"),
                name="payment_succeeded_has_time",
            ),
        ]

    def __str__(self) -> str:
        """Who pays what, and since when: read with its charge, it asks nothing more."""
        begun = timezone.localtime(self.created_at)
        said = [
            self.charge.buyer_name,
            money.format_kroner(self.amount),
            date_format(begun, "SHORT_DATE_FORMAT"),
        ]
        return ", ".join(each for each in said if each)

    @property
    def awaits_evidence(self) -> bool:
        """Disputed, and it is our turn to answer."""
        return self.dispute_state in AWAITS_EVIDENCE


class RefundState(models.TextChoices):
    CREATED = "created", _("Begun")
    PENDING = "pending", _("Being processed")
    SUCCEEDED = "succeeded", _("Refunded")
    FAILED = "failed", _("Failed")


class Refund(models.Model):
    """Money sent back. Its id is our idempotency key; committed before Stripe is called."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    key = models.CharField(max_length=120, unique=True)
    amount = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=250)
    state = models.CharField(
        _("state"), max_length=10, choices=RefundState.choices, default=RefundState.CREATED
    )
    stripe_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    #: Stripe's code when it refused or failed the refund (``charge_already_refunded`` …).
    failure = models.CharField(_("failed because"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    #: When it was learned that the money went.
    succeeded_at = models.DateTimeField(_("refunded"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),
        ]

    def __str__(self) -> str:
        return self.reason
