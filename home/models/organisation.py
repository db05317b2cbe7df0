"""The organisation that runs the site."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import register_setting

from cms.site_settings import CachedSiteSetting


@register_setting(icon="home", order=10)
class Organisation(CachedSiteSetting):
    """Name, address and contacts: shown in header and footer, named as data controller."""

    name = models.CharField(_("name"), max_length=200, blank=True)
    short_name = models.CharField(_("short name"), max_length=50, blank=True)
    cvr = models.CharField(_("CVR number"), max_length=8, blank=True)
    street = models.CharField(_("address"), max_length=200, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=10, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    data_protection_contact = models.CharField(
        _("data protection contact"), max_length=200, blank=True
    )
    data_protection_email = models.EmailField(_("data protection contact's e-mail"), blank=True)
    data_processors = models.TextField(
        _("data processors"),
        blank=True,
        help_text=_("One a line; named beside the sign-up form, for example the hosting supplier."),
    )
    privacy_page = models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=_("privacy page"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    accessibility_page = models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=_("accessibility statement"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    select_related = ["privacy_page", "accessibility_page"]
    panels = [
        MultiFieldPanel(
            [
                FieldPanel("name"),
                FieldPanel("short_name"),
                FieldPanel("cvr"),
                FieldPanel("street"),
                FieldPanel("postal_code"),
                FieldPanel("city"),
            ],
            heading=_("Organisation"),
        ),
        MultiFieldPanel([FieldPanel("phone"), FieldPanel("email")], heading=_("Contact")),
        MultiFieldPanel(
            [
                FieldPanel("data_protection_contact"),
                FieldPanel("data_protection_email"),
                FieldPanel("data_processors"),
                FieldPanel("privacy_page"),
                FieldPanel("accessibility_page"),
            ],
            heading=_("Data protection and accessibility"),
        ),
    ]

    class Meta:
        verbose_name = _("organisation")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.cvr and not (self.cvr.isdigit() and len(self.cvr) == 8):
            raise ValidationError({"cvr": _("A CVR number has eight digits.")})
