"""Stripe's events that were taken in, and when Stripe was last asked for them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StripeEvent(models.Model):
    """A verified event, claimed in the transaction that applies it: a duplicate finds it here."""

    event_id = models.CharField(max_length=120, unique=True)
    type = models.CharField(_("type"), max_length=80)
    object_id = models.CharField(max_length=120, blank=True)
    livemode = models.BooleanField()
    occurred_at = models.DateTimeField(_("occurred"))
    received_at = models.DateTimeField(_("received"), auto_now_add=True)

    class Meta:
        verbose_name = _("Stripe event")
        verbose_name_plural = _("Stripe events")
        ordering = ["-occurred_at"]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class EventCursor(models.Model):
    """One row: when Stripe last answered which events there were."""

    answered_at = models.DateTimeField(_("answered"))

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.answered_at:%Y-%m-%d %H:%M}"
