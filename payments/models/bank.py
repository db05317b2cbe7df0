"""Money that reached the bank account: rows of a statement, and what they pay."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from payments import money
from payments.models.charge import Charge


class TransferState(models.TextChoices):
    UNMATCHED = "unmatched", _("To be matched")
    MATCHED = "matched", _("Matched")
    #: Not for a charge of ours.
    IGNORED = "ignored", _("Not ours")


class BankTransfer(models.Model):
    """One sum received, whole øre, and the charge that it pays.

    ``key`` is made of the statement's row, so that the same statement read twice adds nothing.
    ``text`` is the payer's: personal data may stand in it.
    """

    key = models.CharField(max_length=80, unique=True)
    received_on = models.DateField(_("received"))
    amount = models.BigIntegerField(_("amount"))
    text = models.CharField(_("text"), max_length=500, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=TransferState.choices, default=TransferState.UNMATCHED
    )
    charge = models.ForeignKey(
        Charge,
        verbose_name=_("charge"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="transfers",
    )
    matched_at = models.DateTimeField(_("matched"), null=True, blank=True)
    matched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("matched by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    #: How often it was matched: each match is a voucher of its own in the journal.
    matches = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("bank transfer")
        verbose_name_plural = _("bank transfers")
        ordering = ["-received_on", "-pk"]
        indexes = [models.Index(fields=["state", "-received_on"], name="transfer_state")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_is_received"),
            models.CheckConstraint(
                condition=Q(state="matched", charge__isnull=False, matched_at__isnull=False)
                | (~Q(state="matched") & Q(charge__isnull=True)),
                name="matched_transfer_has_charge",
            ),
        ]

    def __str__(self) -> str:
        """As the statement has it; without a text by its amount."""
        day = date_format(self.received_on, "SHORT_DATE_FORMAT")
        return f"{day} {self.text or money.format_kroner(self.amount)}"
