"""Sending an invoice to its buyer's access point: what was tried, and how it ended."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.models.invoice import Invoice


class TransmissionState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")


#: The transmission is still to end.
ON_ITS_WAY = (TransmissionState.QUEUED, TransmissionState.SENDING)


class Transmission(models.Model):
    """One attempt to deliver a document as e-invoice; sent again, it is another row.

    ``sender`` names how: an access point, a directory, or by hand (somebody uploaded the file).
    Its id is the idempotency key at the access point.
    """

    invoice = models.ForeignKey(
        Invoice,
        verbose_name=_("invoice"),
        on_delete=models.PROTECT,
        related_name="transmissions",
    )
    sender = models.CharField(_("sent by"), max_length=20)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=TransmissionState.choices,
        default=TransmissionState.QUEUED,
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    #: What the access point calls it.
    receipt = models.CharField(_("receipt"), max_length=200, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    attempted_at = models.DateTimeField(_("last attempt"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("transmission")
        verbose_name_plural = _("transmissions")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(state__in=["queued", "sending"]),
                name="one_transmission_on_its_way",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="sent_has_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} {self.get_state_display()}"
