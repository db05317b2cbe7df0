"""What members bring to a network: topics and offers, and what becomes of them at a meeting."""

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from networks.models.membership import Membership
from networks.models.pages import NetworkPage


def members_storage() -> Storage:
    """Where members' files lie: nothing in it has an address of its own."""
    return storages["members"]


class ContributionState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    ANSWERED = "answered", _("Has an answer")
    PLANNED = "planned", _("On a meeting's programme")
    DECLINED = "declined", _("Not taken up")


class Contribution(models.Model):
    """What topics and offers have in common: who brought it, and what the coordinator said."""

    network = models.ForeignKey(NetworkPage, verbose_name=_("network"), on_delete=models.PROTECT)
    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.CASCADE
    )
    author_name = models.CharField(_("proposed by"), max_length=150)
    author_email = models.EmailField(_("e-mail"))
    title = models.CharField(_("title"), max_length=150)
    text = models.TextField(_("description"), blank=True)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=ContributionState.choices,
        default=ContributionState.PROPOSED,
    )
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    created_at = models.DateTimeField(_("received"), auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title


class Topic(Contribution):
    """A topic that a member wants a meeting to take up; members see it and support it."""

    class Meta(Contribution.Meta):
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        permissions = [("export_topic", "Can export topics")]
        default_related_name = "topics"


class TopicSupport(models.Model):
    """One membership's support of a topic."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="supports")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("support")
        verbose_name_plural = _("supports")
        constraints = [
            models.UniqueConstraint(fields=["topic", "membership"], name="one_support_each"),
        ]

    def __str__(self) -> str:
        return f"{self.membership} → {self.topic}"


class OfferKind(models.TextChoices):
    HOST = "host", _("Host a meeting")
    TALK = "talk", _("Give a talk")


class Offer(Contribution):
    """A member's offer to host a meeting or to give a talk, at one meeting or whenever it fits."""

    kind = models.CharField(_("kind"), max_length=5, choices=OfferKind.choices)
    meeting = models.ForeignKey(
        "networks.Meeting",
        verbose_name=_("meeting"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="offers",
    )

    class Meta(Contribution.Meta):
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        permissions = [("export_offer", "Can export offers")]
        default_related_name = "offers"


class ProgrammeKind(models.TextChoices):
    AGENDA = "agenda", _("Agenda item")
    SPEAKER = "speaker", _("Speaker")
    HOST = "host", _("Host")


class ProgrammeItem(models.Model):
    """What a coordinator has put on a meeting's programme, from a topic, an offer or by hand.

    A row of its own, since publishing writes every column of the meeting's. ``on_page``: shown to
    the public too; otherwise to members only.
    """

    meeting = models.ForeignKey(
        "networks.Meeting",
        verbose_name=_("meeting"),
        on_delete=models.PROTECT,
        related_name="programme",
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ProgrammeKind.choices)
    text = models.CharField(_("text"), max_length=250)
    on_page = models.BooleanField(_("shown on the network's page"), default=False)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    topic = models.ForeignKey(
        Topic, null=True, blank=True, on_delete=models.SET_NULL, related_name="programme"
    )
    offer = models.ForeignKey(
        Offer, null=True, blank=True, on_delete=models.SET_NULL, related_name="programme"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("programme item")
        verbose_name_plural = _("programme items")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(topic__isnull=True) | Q(offer__isnull=True),
                name="programme_item_has_one_source",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Material(models.Model):
    """A file or a link of a meeting, for members only: served through a check, never directly."""

    meeting = models.ForeignKey(
        "networks.Meeting",
        verbose_name=_("meeting"),
        on_delete=models.PROTECT,
        related_name="materials",
    )
    title = models.CharField(_("title"), max_length=150)
    file = models.FileField(
        _("file"), upload_to="materials/%Y/", storage=members_storage, blank=True, max_length=250
    )
    url = models.URLField(_("link"), blank=True)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("material")
        verbose_name_plural = _("materials")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(file="") & ~Q(url="")) | (~Q(file="") & Q(url="")),
                name="material_is_a_file_or_a_link",
            ),
        ]

    def __str__(self) -> str:
        return self.title
