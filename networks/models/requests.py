"""What people ask of a membership: to join it, to take a role over, to be erased."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cms.searching import search_index
from networks.models.membership import Membership
from networks.models.person import Person


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


class RequestState(models.TextChoices):
    """How far a request has come. Only a waiting one can be answered."""

    WAITING = "waiting", _("Waiting")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class JoinRequest(models.Model):
    """A colleague who signed up where the municipality is a member already."""

    SEARCHED = ("name", "email")

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
    state = models.CharField(
        _("state"), max_length=10, choices=RequestState.choices, default=RequestState.WAITING
    )
    created_at = models.DateTimeField(_("received"), auto_now_add=True)
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)

    class Meta:
        verbose_name = _("request to join")
        verbose_name_plural = _("requests to join")
        ordering = ["-created_at"]
        permissions = [("export_joinrequest", "Can export requests to join")]
        constraints = [
            models.UniqueConstraint(fields=["membership", "email"], name="one_request_each"),
        ]
        indexes = [search_index("name", "email", name="join_request_search")]

    def __str__(self) -> str:
        return f"{self.name} → {self.membership}"


class HandoverKind(models.TextChoices):
    """What passes to a colleague, and who begins it."""

    CONTACT = "contact", _("The contact hands over")
    INVOICE_CONTACT = "invoice_contact", _("The invoice contact hands over")
    #: A membership whose unit is the person goes to a successor.
    SUCCESSOR = "successor", _("To a successor")
    #: The contact has left: a colleague asks, an administrator decides.
    TAKE_OVER = "take_over", _("A colleague asks to take over")


class Handover(models.Model):
    """A role on a membership on its way from one person to another.

    Offered ones are accepted by the colleague through a link; a take-over is decided by an
    administrator, after the old contact was told.
    """

    SEARCHED = ("name", "email")

    membership = models.ForeignKey(
        Membership,
        verbose_name=_("membership"),
        on_delete=models.CASCADE,
        related_name="handovers",
    )
    kind = models.CharField(_("kind"), max_length=20, choices=HandoverKind.choices)
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail"))
    job_title = models.CharField(_("job title"), max_length=150, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    text = models.TextField(_("message"), blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=RequestState.choices, default=RequestState.WAITING
    )
    #: The asker of a take-over has proved the address by a mailed link.
    confirmed_at = models.DateTimeField(_("address confirmed"), null=True, blank=True)
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "kind", "email"],
                condition=Q(state="waiting"),
                name="one_waiting_handover_each",
            ),
        ]
        indexes = [search_index("name", "email", name="handover_search")]

    def __str__(self) -> str:
        return f"{self.name} → {self.membership}"


class ErasureRequest(models.Model):
    """A person's request to be erased (GDPR article 17), for an administrator to carry out."""

    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="erasure_requests",
    )
    created_at = models.DateTimeField(_("received"), auto_now_add=True)
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("handled by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    outcome = models.CharField(_("outcome"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("request for erasure")
        verbose_name_plural = _("requests for erasure")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(handled_at__isnull=True),
                name="one_waiting_erasure_request",
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)
