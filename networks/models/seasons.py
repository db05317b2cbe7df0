"""Seasons and their prices: inlines of the network's page, edited with it."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable

from networks.rules.pricing import SeasonTerms, TariffKind
from payments.fields import KronerField, PercentField
from payments.models import site_vat_rate


class ExtraScope(models.TextChoices):
    MEETING = "meeting", _("per extra participant per meeting")
    SEASON = "season", _("per person per season")


class Season(ClusterableModel, Orderable):
    """A named span of local dates (netværksår) with its own meetings and tariff.

    Prices are whole øre excl. VAT. They may be empty in a draft, never in what is published.
    """

    page = ParentalKey("networks.NetworkPage", on_delete=models.CASCADE, related_name="seasons")
    name = models.CharField(_("name"), max_length=60, help_text=_("For example 2027."))
    starts_on = models.DateField(_("begins"), null=True)
    ends_on = models.DateField(_("ends"), null=True)
    opens_on = models.DateField(
        _("open for sign-up from"),
        null=True,
        blank=True,
        help_text=_("Empty: when no meetings are left in the season before."),
    )
    last_cancellation_on = models.DateField(
        _("last day to cancel"),
        null=True,
        blank=True,
        help_text=_("Empty: the day before the season begins."),
    )
    tariff = models.CharField(
        _("tariff"),
        max_length=30,
        choices=[
            (TariffKind.FREE.value, _("Free")),
            (TariffKind.SEASON_FEE.value, _("A fee for the season, by meetings left")),
            (TariffKind.PER_PERSON_PER_MEETING.value, _("Per person per meeting")),
        ],
        default=TariffKind.SEASON_FEE.value,
    )
    seats_per_meeting = models.PositiveSmallIntegerField(
        _("seats per meeting"),
        null=True,
        blank=True,
        help_text=_("How many a membership may send to each meeting. Empty: no limit."),
    )
    price_per_person = KronerField(
        _("price per person per meeting"),
        null=True,
        blank=True,
        help_text=_("Kroner excl. VAT; for the tariff per person per meeting."),
    )
    extra_price = KronerField(
        _("price of an extra person"), null=True, blank=True, help_text=_("Kroner excl. VAT.")
    )
    extra_label = models.CharField(
        _("what it is for"), max_length=120, blank=True, help_text=_("Shown beside the price.")
    )
    extra_scope = models.CharField(
        _("counted"), max_length=10, choices=ExtraScope.choices, default=ExtraScope.MEETING
    )
    vat_rate = PercentField(
        _("VAT rate"),
        default=site_vat_rate,
        help_text=_("In percent; 0 when exempt."),
    )
    vat_exemption_reason = models.CharField(
        _("reason for exemption from VAT"), max_length=200, blank=True
    )
    #: False in a season made from another, until the editor has said that its prices hold.
    prices_confirmed = models.BooleanField(
        _("the prices are confirmed"),
        default=True,
        help_text=_("A season made from an earlier one can't be published before."),
    )

    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("starts_on"), FieldPanel("ends_on")]),
        FieldRowPanel([FieldPanel("opens_on"), FieldPanel("last_cancellation_on")]),
        MultiFieldPanel(
            [
                FieldPanel("tariff"),
                FieldPanel("seats_per_meeting"),
                InlinePanel("ladder", label=_("Step"), heading=_("Price by meetings left")),
                FieldPanel("price_per_person"),
                FieldRowPanel(
                    [
                        FieldPanel("extra_price"),
                        FieldPanel("extra_label"),
                        FieldPanel("extra_scope"),
                    ]
                ),
                FieldRowPanel([FieldPanel("vat_rate"), FieldPanel("vat_exemption_reason")]),
                FieldPanel("prices_confirmed"),
            ],
            heading=_("Price"),
        ),
        InlinePanel("meetings", label=_("Meeting"), heading=_("Meetings")),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("season")
        verbose_name_plural = _("seasons")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("The season ends before it begins.")})
        if self.vat_rate == 0 and not self.vat_exemption_reason:
            raise ValidationError(
                {"vat_exemption_reason": _("Say why the season is exempt from VAT.")}
            )

    def terms(self, cancelled: set[int] | None = None) -> SeasonTerms:
        """The season as pricing sees it. Needs dates: only what is published has them.

        ``cancelled``: keys of cancelled meetings, when the caller has them; otherwise they are
        read through each meeting's record.
        """
        assert self.starts_on is not None
        assert self.ends_on is not None
        return SeasonTerms(
            key=self.pk,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            tariff=TariffKind(self.tariff),
            ladder={step.meetings_left: step.price for step in self.ladder.all()},
            price_per_person=self.price_per_person,
            meetings=[meeting.facts(cancelled) for meeting in self.meetings.all()],
            last_cancellation_on=self.last_cancellation_on,
            opens_on=self.opens_on,
        )


class PriceStep(Orderable):
    """One row of the ladder: the price when that many meetings are left."""

    season = ParentalKey(Season, on_delete=models.CASCADE, related_name="ladder")
    meetings_left = models.PositiveSmallIntegerField(_("meetings left"), null=True)
    price = KronerField(_("price"), null=True, help_text=_("Kroner excl. VAT."))

    panels = [FieldRowPanel([FieldPanel("meetings_left"), FieldPanel("price")])]

    class Meta(Orderable.Meta):
        verbose_name = _("price step")
        verbose_name_plural = _("price steps")

    def __str__(self) -> str:
        return f"{self.meetings_left}: {self.price}"
