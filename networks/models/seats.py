"""What hangs on a membership: who comes, what was answered, who wants to come along."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from networks.models.membership import Membership


class Participant(models.Model):
    """Someone who comes on a membership. Named at sign-up: standing, for every coming meeting."""

    membership = models.ForeignKey(
        Membership,
        verbose_name=_("membership"),
        on_delete=models.CASCADE,
        related_name="participants",
    )
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail"))
    job_title = models.CharField(_("job title"), max_length=150, blank=True)
    standing = models.BooleanField(_("every meeting"), default=True)
    meetings = models.ManyToManyField(
        "networks.Meeting", through="networks.Seat", verbose_name=_("meetings"), blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["membership", "email"], name="participant_named_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Seat(models.Model):
    """One participant at one meeting (tariff per person per meeting: what was ordered)."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="seats")
    meeting = models.ForeignKey("networks.Meeting", on_delete=models.PROTECT, related_name="seats")

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        constraints = [
            models.UniqueConstraint(fields=["participant", "meeting"], name="one_seat_a_meeting"),
        ]

    def __str__(self) -> str:
        return f"{self.participant} – {self.meeting}"


class Answer(models.Model):
    """What was answered to a network's extra question."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(
        "networks.Question", on_delete=models.PROTECT, related_name="answers"
    )
    value = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(fields=["membership", "question"], name="one_answer_each"),
        ]

    def __str__(self) -> str:
        return self.value


class JoinRequest(models.Model):
    """A colleague who signed up where the municipality is a member already."""

    membership = models.ForeignKey(
        Membership,
        verbose_name=_("membership"),
        on_delete=models.CASCADE,
        related_name="join_requests",
    )
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail"))
    job_title = models.CharField(_("job title"), max_length=150, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("received"), auto_now_add=True)
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)

    class Meta:
        verbose_name = _("request to join")
        verbose_name_plural = _("requests to join")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["membership", "email"], name="one_request_each"),
        ]

    def __str__(self) -> str:
        return f"{self.name} → {self.membership}"
