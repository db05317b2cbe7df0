"""The pages that publish networks, with everything an editor fills in."""

from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.cache import cache
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
)
from wagtail.coreutils import get_supported_content_language_variant
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Locale, Page
from wagtail.search import index

from home.blocks import PLAIN_FEATURES, BodyBlock
from home.models import ContentPage
from home.models.pages import RestrictedInOneQuery
from networks.models.page_form import NetworkPageForm
from networks.models.page_rows import (
    FACT_RELATIONS,
    lock_meetings,
    own_rows_only,
    refuse_to_drop_rows,
)
from networks.models.panels import FactsObjectList, NextSeasonPanel
from networks.models.publication import refuse_half_done
from networks.rules.eligibility import Policy


class Unit(models.TextChoices):
    MUNICIPALITY = "municipality", _("The municipality")
    PERSON = "person", _("The person")


def _first_locale() -> int | None:
    """The key of the site's first language; asked for on every page, so kept in the cache."""
    key: int | None = cache.get("networks.first_locale")
    if key is None:
        language = get_supported_content_language_variant(settings.LANGUAGE_CODE)
        key = Locale.objects.filter(language_code=language).values_list("pk", flat=True).first()
        cache.set("networks.first_locale", key, 60)
    return key


class NetworkIndexPage(ContentPage):
    """Kommunenetværk: lists the networks below it."""

    template = "networks/index.html"
    parent_page_types = ["home.TopicPage"]
    subpage_types = ["networks.NetworkPage"]

    class Meta:
        verbose_name = _("list of networks")
        verbose_name_plural = _("lists of networks")


class NetworkPage(RestrictedInOneQuery, Page):
    """One professional network. The page in the site's first language owns the facts
    (seasons, meetings, tariff, capacity, eligibility) and the memberships; a translation holds
    texts only and reads them there (``facts``).
    """

    introduction = models.TextField(
        _("introduction"), help_text=_("One or two sentences: what is it, and for whom?")
    )
    body = StreamField(BodyBlock(), verbose_name=_("more about the network"), blank=True)
    purpose = RichTextField(_("purpose"), features=PLAIN_FEATURES)
    audience = RichTextField(_("audience"), features=PLAIN_FEATURES)
    audience_summary = models.CharField(
        _("audience in a few words"),
        max_length=150,
        help_text=_("Shown in the list of networks."),
    )
    practicalities = RichTextField(_("practicalities"), features=PLAIN_FEATURES, blank=True)
    purpose_heading = models.CharField(_("heading of the purpose"), max_length=80, blank=True)
    audience_heading = models.CharField(_("heading of the audience"), max_length=80, blank=True)
    practicalities_heading = models.CharField(
        _("heading of the practicalities"), max_length=80, blank=True
    )
    meetings_heading = models.CharField(_("heading of the meetings"), max_length=80, blank=True)
    price_heading = models.CharField(_("heading of the price"), max_length=80, blank=True)
    contact_heading = models.CharField(_("heading of the contacts"), max_length=80, blank=True)
    signup_heading = models.CharField(_("heading of the sign-up"), max_length=80, blank=True)

    unit = models.CharField(
        _("who is the member?"), max_length=12, choices=Unit.choices, default=Unit.MUNICIPALITY
    )
    eligibility = models.CharField(
        _("who may join?"),
        max_length=15,
        choices=[
            (Policy.MUNICIPALITIES.value, _("Municipalities only")),
            (Policy.OPEN.value, _("Any organisation")),
            (Policy.INVITATION.value, _("By invitation")),
        ],
        default=Policy.MUNICIPALITIES.value,
    )
    capacity = models.PositiveIntegerField(
        _("capacity"),
        null=True,
        blank=True,
        help_text=_("The number of memberships. Empty: no limit."),
    )
    signup_opens_at = models.DateTimeField(_("sign-up opens"), null=True, blank=True)
    signup_closes_at = models.DateTimeField(_("sign-up closes"), null=True, blank=True)
    free_of_charge = models.BooleanField(
        _("free of charge"),
        default=False,
        help_text=_("A free network needs neither seasons nor prices."),
    )
    card_payment = models.BooleanField(
        _("card payment"),
        default=True,
        help_text=_(
            "Off: e-invoice is the only way to pay for what is charged from now on. Whoever is "
            "paying by card at this moment can finish."
        ),
    )
    charge_days_before_season = models.PositiveSmallIntegerField(
        _("days before a season to charge for it"),
        default=30,
        help_text=_("Members are told 30 days earlier, with the price and how to cancel."),
    )
    swap_deadline_hours = models.PositiveSmallIntegerField(
        _("hours before a meeting until participants can be changed"), default=24
    )
    reminder_days = models.PositiveSmallIntegerField(
        _("days before a meeting to remind of it"),
        default=7,
        help_text=_("0: no reminders."),
    )

    template = "networks/network.html"
    base_form_class = NetworkPageForm
    parent_page_types = ["networks.NetworkIndexPage"]
    subpage_types: list[str] = []
    search_fields = Page.search_fields + [
        index.SearchField("introduction"),
        index.SearchField("purpose"),
        index.SearchField("audience"),
        index.SearchField("practicalities"),
        index.SearchField("body"),
        index.AutocompleteField("introduction"),
    ]

    text_panels = Page.content_panels + [
        FieldPanel("introduction"),
        MultiFieldPanel(
            [FieldPanel("purpose"), FieldPanel("purpose_heading")], heading=_("Purpose")
        ),
        MultiFieldPanel(
            [
                FieldPanel("audience"),
                FieldPanel("audience_summary"),
                FieldPanel("audience_heading"),
            ],
            heading=_("Audience"),
        ),
        MultiFieldPanel(
            [FieldPanel("practicalities"), FieldPanel("practicalities_heading")],
            heading=_("Practicalities"),
        ),
        FieldPanel("body"),
        MultiFieldPanel(
            [
                FieldPanel("meetings_heading"),
                FieldPanel("price_heading"),
                FieldPanel("contact_heading"),
                FieldPanel("signup_heading"),
            ],
            heading=_("Other headings"),
            help_text=_("Empty headings get the usual text."),
            classname="collapsed",
        ),
    ]
    people_panels = [
        InlinePanel("facilitators", label=_("Facilitator"), heading=_("Facilitators")),
        InlinePanel("contact_people", label=_("Contact person"), heading=_("Contact persons")),
    ]
    season_panels = [
        FieldRowPanel([FieldPanel("free_of_charge"), FieldPanel("card_payment")]),
        InlinePanel("seasons", label=_("Season"), heading=_("Seasons with meetings and prices")),
        NextSeasonPanel(heading=_("The next season")),
        FieldRowPanel([FieldPanel("swap_deadline_hours"), FieldPanel("reminder_days")]),
        FieldPanel("charge_days_before_season"),
    ]
    signup_panels = [
        MultiFieldPanel(
            [FieldPanel("unit"), FieldPanel("eligibility"), FieldPanel("capacity")],
            heading=_("Membership"),
        ),
        FieldRowPanel(
            [FieldPanel("signup_opens_at"), FieldPanel("signup_closes_at")],
            heading=_("When sign-up is open"),
        ),
        InlinePanel("questions", label=_("Question"), heading=_("Extra questions in the form")),
    ]
    edit_handler = TabbedInterface(
        [
            ObjectList(text_panels, heading=_("Text")),
            FactsObjectList(people_panels, heading=_("People")),
            FactsObjectList(season_panels, heading=_("Meetings and price")),
            FactsObjectList(signup_panels, heading=_("Sign-up")),
            ObjectList(Page.promote_panels, heading=_("Promote")),
            ObjectList([PublishingPanel()], heading=_("Publishing")),
        ]
    )

    class Meta:
        verbose_name = _("network")
        verbose_name_plural = _("networks")
        permissions = [
            ("view_members_networkpage", "Can see the network's members"),
            ("edit_facts_networkpage", "Can edit the network's meetings, prices and sign-up"),
        ]

    @cached_property
    def facts(self) -> "NetworkPage":
        """The page that owns the facts and the memberships: itself, unless it is a translation
        or an alias of another."""
        if self.alias_of_id:
            return self.alias_of.specific.facts
        if self.holds_texts_only:
            original = (
                NetworkPage.objects.filter(translation_key=self.translation_key)
                .exclude(pk=self.pk)
                .order_by("pk")
                .first()
            )
            return original or self
        return self

    @property
    def holds_texts_only(self) -> bool:
        """True for a translation: a page in another language than the site's first."""
        return self.locale_id is not None and self.locale_id != _first_locale()

    def signup_is_open(self) -> bool:
        """Within the dates for sign-up that the editor set."""
        now = timezone.now()
        return not (
            (self.signup_opens_at and now < self.signup_opens_at)
            or (self.signup_closes_at and now >= self.signup_closes_at)
        )

    def copy_all_child_relations(
        self, target: Any, exclude: Any = None, commit: bool = False, append: bool = False
    ) -> Any:
        """A translation or an alias gets no seasons of its own: it reads the original's."""
        if target.alias_of_id or target.locale_id != self.locale_id:
            exclude = [*(exclude or []), *FACT_RELATIONS]
        return super().copy_all_child_relations(
            target, exclude=exclude, commit=commit, append=append
        )

    def get_full_url(self, request: Any = None) -> str | None:
        """At the address that every link of a mail has: the site's own row may say another."""
        address: str | None = self.get_url(request)
        return urljoin(settings.WAGTAILADMIN_BASE_URL, address) if address else address

    full_url = property(get_full_url)

    def with_content_json(self, content: dict[str, Any]) -> Any:
        """A revision's content, purged of keys of rows that are not this page's (a copy's
        revision keeps its original's keys of nested rows)."""
        keeps_facts = not (self.alias_of_id or self.holds_texts_only)
        return super().with_content_json(own_rows_only(content, self.pk, keeps_facts))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises PublicationRefused rather than dropping rows that others point to, or letting a
        version go live that lacks a price."""
        with transaction.atomic():
            if self.pk and kwargs.get("update_fields") is None:
                lock_meetings(self.pk)
                refuse_to_drop_rows(self)
                if self.facts is self and self._goes_live():
                    refuse_half_done(self)
            super().save(*args, **kwargs)

    def _goes_live(self) -> bool:
        """A revision is being published: the one that is live becomes another."""
        if not self.live or self.live_revision_id is None:
            return False
        stored = NetworkPage.objects.filter(pk=self.pk)
        return not stored.filter(live_revision_id=self.live_revision_id).exists()
