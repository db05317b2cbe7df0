"""The years of a membership: which seasons it has entered, at which price."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from networks.models.membership import Membership


class SettledElsewhere(models.TextChoices):
    """What became of a season's price outside this system, of a membership that was imported."""

    PAID = "paid", _("Paid outside the system")
    INVOICED = "invoiced", _("Invoiced outside the system")
    UNPAID = "unpaid", _("Not paid when it was imported")


class SeasonEntry(models.Model):
    """A membership in one season: announced, then entered once, with at most one fee.

    The row is what makes a year change repeatable: it is written with what it tells of, in one
    transaction. ``price_net`` (øre excl. VAT) is the fee; 0 where the tariff has none.
    """

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="entries")
    season = models.ForeignKey("networks.Season", on_delete=models.PROTECT, related_name="entries")
    announced_at = models.DateTimeField(_("announced"), null=True, blank=True)
    entered_at = models.DateTimeField(_("entered"), null=True, blank=True)
    price_net = models.BigIntegerField(_("price excl. VAT"), null=True, blank=True)
    charge_key = models.CharField(max_length=120, blank=True)
    settled = models.CharField(
        _("settled elsewhere"), max_length=10, choices=SettledElsewhere.choices, blank=True
    )

    class Meta:
        verbose_name = _("season of a membership")
        verbose_name_plural = _("seasons of memberships")
        constraints = [
            models.UniqueConstraint(fields=["membership", "season"], name="season_entered_once"),
            models.CheckConstraint(
                condition=Q(entered_at__isnull=True) | Q(price_net__isnull=False),
                name="entered_season_has_price",
            ),
        ]
        indexes = [models.Index(fields=["season", "entered_at"], name="entry_season")]

    def __str__(self) -> str:
        return f"{self.membership} {self.season}"
