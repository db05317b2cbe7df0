"""How long personal data are kept, what was forgotten, and what else the register says."""

from typing import Any

from django.core.cache import cache
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel
from wagtail.contrib.settings.models import register_setting
from wagtail.models import Site

from cms.site_settings import CachedSiteSetting
from networks.models.pages import NetworkPage

#: Bogføringsloven § 12: five years from the end of the accounting year.
BOOKKEEPING_YEARS = 5


def _span(label: Any, default: int, *, least: int = 1) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        label, default=default, validators=[MinValueValidator(least)]
    )


@register_setting(icon="lock", order=30)
class PrivacySettings(CachedSiteSetting):
    """How long each kind of personal data is kept. The default site's hold for every network."""

    unconfirmed_days = _span(_("unconfirmed sign-ups (days)"), 30)
    closed_months = _span(_("rejected, withdrawn and lapsed sign-ups (months)"), 6)
    ended_months = _span(_("people of an ended membership (months)"), 12)
    requests_months = _span(_("answered requests (months)"), 6)
    guests_months = _span(_("guests, after the meeting (months)"), 12)
    messages_months = _span(_("texts and addresses of mails (months)"), 12)
    history_months = _span(_("names of staff in the history (months)"), 60)
    access_months = _span(_("the log of who read what (months)"), 24)
    technical_days = _span(_("bulk actions, links and jobs that are over (days)"), 30)
    invoice_years = _span(
        _("names on invoices (years after the accounting year)"),
        BOOKKEEPING_YEARS,
        least=BOOKKEEPING_YEARS,
    )

    panels = [
        HelpPanel(
            content=_(
                "Every night what has been kept that long is erased. The page Retention shows what "
                "that will be."
            )
        ),
        MultiFieldPanel(
            [
                FieldPanel("unconfirmed_days"),
                FieldPanel("closed_months"),
                FieldPanel("ended_months"),
                FieldPanel("requests_months"),
                FieldPanel("guests_months"),
            ],
            heading=_("Members, colleagues and guests"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("messages_months"),
                FieldPanel("history_months"),
                FieldPanel("access_months"),
                FieldPanel("technical_days"),
            ],
            heading=_("Mails, history and logs"),
        ),
        MultiFieldPanel(
            [FieldPanel("invoice_years")],
            heading=_("Bookkeeping"),
            help_text=_("The bookkeeping law forbids less than five years."),
        ),
    ]

    class Meta:
        verbose_name = _("retention of personal data")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


#: Every page with a form says how long its data are kept: no query for which site that is.
DEFAULT_SITE, SECONDS = "networks.default_site", 60


def privacy_settings() -> PrivacySettings:
    """The default site's."""
    site: int | None = cache.get(DEFAULT_SITE)
    if site is None:
        site = Site.objects.filter(is_default_site=True).values_list("pk", flat=True).first()
        cache.set(DEFAULT_SITE, site, SECONDS)
    return PrivacySettings.of(site)


class RetentionRun(models.Model):
    """One kind of data that was forgotten on one occasion: how many rows."""

    kind = models.CharField(_("kind"), max_length=30)
    ran_at = models.DateTimeField(_("time"), auto_now_add=True)
    number = models.PositiveIntegerField(_("number"))

    class Meta:
        verbose_name = _("erasure by retention")
        verbose_name_plural = _("erasures by retention")
        ordering = ["-ran_at", "-pk"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["kind", "-ran_at"], name="retention_kind_ran")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class ProcessingActivity(models.Model):
    """What the organisation itself adds to the register of processing (GDPR article 30)."""

    network = models.ForeignKey(
        NetworkPage,
        verbose_name=_("network"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("Empty: every network."),
    )
    title = models.CharField(_("activity"), max_length=150)
    purpose = models.TextField(_("purpose"))
    legal_basis = models.CharField(_("legal basis"), max_length=250)
    people = models.CharField(_("whose data"), max_length=250)
    data = models.CharField(_("which data"), max_length=250)
    recipients = models.CharField(_("recipients"), max_length=250, blank=True)
    kept = models.CharField(_("kept for how long"), max_length=250)

    panels = [
        FieldPanel("network"),
        FieldPanel("title"),
        FieldPanel("purpose"),
        FieldPanel("legal_basis"),
        FieldPanel("people"),
        FieldPanel("data"),
        FieldPanel("recipients"),
        FieldPanel("kept"),
    ]

    class Meta:
        verbose_name = _("activity of the register")
        verbose_name_plural = _("activities of the register")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title
