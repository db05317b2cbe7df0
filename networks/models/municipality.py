"""Denmark's municipalities and the organisations that facilitate networks."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from payments.identifiers import is_valid_cvr


def danish_sort_key(name: str) -> str:
    """A key by which plain comparison sorts Danish names: Æ Ø Å last, Aa as Å."""
    folded = name.lower().replace("aa", "å")
    return folded.translate(str.maketrans("æøå", "{|}"))


class Municipality(index.Indexed, models.Model):
    """A municipality (kommune). The 98 are seeded from ``networks/data/municipalities.csv``."""

    code = models.CharField(_("municipality code"), max_length=4, unique=True)
    name = models.CharField(_("name"), max_length=60)
    official_name = models.CharField(_("official name"), max_length=80)
    sort_key = models.CharField(max_length=80, editable=False, db_index=True)
    region = models.CharField(_("region"), max_length=40)
    #: The region from 1 January 2027 (law 699 of 20 June 2025, § 126).
    region_2027 = models.CharField(_("region from 2027"), max_length=40)
    cvr = models.CharField(_("CVR number"), max_length=8, blank=True)
    website = models.CharField(_("website"), max_length=100, blank=True)
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    population_year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    longitude = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    latitude = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    mail_domains = models.TextField(
        _("mail domains"),
        blank=True,
        help_text=_(
            "One a line. Whoever signs up from one of them needs no approval; add institutions' "
            "domains here to remember them."
        ),
    )
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged_from",
    )

    panels = [
        FieldPanel("name"),
        FieldPanel("official_name"),
        FieldPanel("code", read_only=True),
        FieldPanel("cvr"),
        FieldPanel("mail_domains"),
        FieldPanel("website"),
        FieldPanel("region"),
        FieldPanel("region_2027"),
        FieldPanel("population"),
        FieldPanel("population_year"),
    ]
    search_fields = [
        index.SearchField("name"),
        index.AutocompleteField("name"),
        index.FilterField("region"),
        index.FilterField("sort_key"),
    ]

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.sort_key = danish_sort_key(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def clean(self) -> None:
        super().clean()
        if self.cvr and not is_valid_cvr(self.cvr):
            raise ValidationError({"cvr": _("This is not a CVR number: its check digit is wrong.")})

    @property
    def current(self) -> "Municipality":
        """The municipality that it is today: itself, or what it was merged into."""
        return self.merged_into.current if self.merged_into else self

    @property
    def domains(self) -> list[str]:
        return [line.strip().lower() for line in self.mail_domains.splitlines() if line.strip()]


class Facilitator(models.Model):
    """An organisation that runs networks (KL, Billedkunstnernes Forbund …)."""

    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=50, blank=True)
    logo = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name=_("logo"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    website = models.URLField(_("website"), blank=True)
    cvr = models.CharField(_("CVR number"), max_length=8, blank=True)
    privacy_url = models.URLField(_("link to its privacy information"), blank=True)

    panels = [
        FieldPanel("name"),
        FieldPanel("short_name"),
        FieldPanel("logo"),
        FieldPanel("website"),
        FieldPanel("cvr"),
        FieldPanel("privacy_url"),
    ]

    class Meta:
        verbose_name = _("facilitator")
        verbose_name_plural = _("facilitators")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.cvr and not is_valid_cvr(self.cvr):
            raise ValidationError({"cvr": _("This is not a CVR number: its check digit is wrong.")})
