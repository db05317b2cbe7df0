"""Consents: what one may say yes to beside the sign-up, in which words, and who did.

Nothing that the membership needs is asked for here (GDPR articles 6 and 7). A text that somebody
has said yes to never changes: another wording is another version.
"""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from networks.models.membership import Membership
from networks.models.pages import NetworkPage
from networks.models.person import Person


class Consent(models.Model):
    """One thing to say yes to, a newsletter for example: in one network's form, or in all."""

    title = models.CharField(
        _("title"), max_length=150, help_text=_("For example: Newsletter. Shown to members.")
    )
    network = models.ForeignKey(
        NetworkPage,
        verbose_name=_("network"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="consents",
        help_text=_("Empty: every network."),
    )
    is_offered = models.BooleanField(
        _("in the sign-up form"),
        default=True,
        help_text=_("Off: nobody is asked any more. What was given holds until withdrawn."),
    )

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class ConsentText(models.Model):
    """A version of what is said yes to. Immutable: the newest is the one that is shown."""

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="texts")
    version = models.PositiveSmallIntegerField(_("version"))
    text = models.TextField(_("text"), max_length=1000)
    text_en = models.TextField(_("text in English"), max_length=1000, blank=True)
    created_at = models.DateTimeField(_("written"), auto_now_add=True)

    class Meta:
        verbose_name = _("text of a consent")
        verbose_name_plural = _("texts of consents")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["consent", "version"], name="one_text_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.consent} {self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("A text of a consent never changes: write another version.")
        super().save(*args, **kwargs)

    @property
    def shown(self) -> str:
        """In the reader's language, where there is such a text."""
        return self.text_en if get_language() == "en" and self.text_en else self.text


class ConsentGiven(models.Model):
    """A person's yes to one version, and when it was taken back."""

    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="given")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="consents")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    given_at = models.DateTimeField(_("given"), auto_now_add=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent given")
        verbose_name_plural = _("consents given")
        ordering = ["-given_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["text", "membership", "person"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_yes_each",
            ),
        ]

    def __str__(self) -> str:
        return str(self.text)
