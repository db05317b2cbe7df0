"""Reminders of overdue invoices: which were sent, and of which invoice none is to be sent."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.models.charge import Charge
from payments.models.invoice import Invoice


class PaymentReminder(models.Model):
    """One reminder of an invoice, by its step: the first, the second, the third. Never changed."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="reminders")
    step = models.PositiveSmallIntegerField(_("reminder"))
    sent_on = models.DateField(_("sent"))
    #: What this reminder cost the buyer; no other charge of the invoice.
    fee = models.OneToOneField(
        Charge, null=True, blank=True, on_delete=models.PROTECT, related_name="fee_of"
    )

    class Meta:
        ordering = ["step"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "step"], name="reminded_once_a_step"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} {self.step}"


class RemindersStopped(models.Model):
    """No reminder of this invoice is sent, while the row is there."""

    invoice = models.OneToOneField(
        Invoice, on_delete=models.PROTECT, related_name="reminders_stopped"
    )
    reason = models.CharField(_("reason"), max_length=250)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.invoice}: {self.reason}"
