"""What an editor adds to a network's page by rows: facilitators, contacts, questions."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.models import Orderable


class NetworkFacilitator(Orderable):
    """An organisation that runs the network, and whether it decides over members' data."""

    page = ParentalKey(
        "networks.NetworkPage", on_delete=models.CASCADE, related_name="facilitators"
    )
    facilitator = models.ForeignKey(
        "networks.Facilitator",
        verbose_name=_("organisation"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    is_data_controller = models.BooleanField(
        _("data controller"),
        default=True,
        help_text=_("Named as such beside the form."),
    )

    panels = [FieldRowPanel([FieldPanel("facilitator"), FieldPanel("is_data_controller")])]

    def __str__(self) -> str:
        return str(self.facilitator)


class ContactPerson(Orderable):
    """Whom to ask about the network."""

    page = ParentalKey(
        "networks.NetworkPage", on_delete=models.CASCADE, related_name="contact_people"
    )
    name = models.CharField(_("name"), max_length=150)
    job_title = models.CharField(_("job title"), max_length=150, blank=True)
    email = models.EmailField(_("e-mail"))
    phone = models.CharField(_("phone"), max_length=40, blank=True)

    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("job_title")]),
        FieldRowPanel([FieldPanel("email"), FieldPanel("phone")]),
    ]

    def __str__(self) -> str:
        return self.name


class QuestionKind(models.TextChoices):
    TEXT = "text", _("Text")
    CHOICE = "choice", _("Choice")
    YES_NO = "yes_no", _("Yes or no")


class Question(Orderable):
    """An extra question in the sign-up form. What it is for is shown beside it."""

    page = ParentalKey("networks.NetworkPage", on_delete=models.CASCADE, related_name="questions")
    kind = models.CharField(
        _("kind"), max_length=10, choices=QuestionKind.choices, default=QuestionKind.TEXT
    )
    label = models.CharField(_("question"), max_length=200)
    choices = models.TextField(
        _("choices"), blank=True, help_text=_("For a choice: one answer a line.")
    )
    required = models.BooleanField(_("must be answered"), default=False)
    purpose = models.CharField(
        _("what the answer is used for"), max_length=200, help_text=_("Shown beside the question.")
    )
    keep_months = models.PositiveSmallIntegerField(
        _("deleted after (months)"),
        default=12,
        help_text=_("Counted from the end of the membership."),
    )

    panels = [
        FieldRowPanel([FieldPanel("kind"), FieldPanel("required")]),
        FieldPanel("label"),
        FieldPanel("choices"),
        FieldRowPanel([FieldPanel("purpose"), FieldPanel("keep_months")]),
    ]

    def __str__(self) -> str:
        return self.label

    @property
    def choice_list(self) -> list[str]:
        return [line.strip() for line in self.choices.splitlines() if line.strip()]
