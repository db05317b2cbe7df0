"""What coordinators do with a topic or an offer: answer, decline, put on a meeting's programme."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cms.backoffice.rows import ActionView
from networks.backoffice.actions import ServicePage
from networks.backoffice.programme import ItemForm
from networks.models import Contribution, ContributionState, OfferKind, ProgrammeKind, Topic
from networks.services import contributions
from networks.services.programme import coming_meetings_of


class ContributionActionView(ServicePage, ActionView):
    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("network", "membership__municipality", "membership__contact")


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=_("Answer"),
        max_length=4000,
        help_text=_("Mailed to the author; a topic's answer is seen by the network's members too."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class AnswerView(ContributionActionView):
    name = "answer"
    label = _("Answer")
    icon_name = "comment"
    form_class = AnswerForm
    submit_label = _("Send the answer")
    success_message = _("The answer has been mailed to the author.")

    def get_initial(self) -> dict[str, Any]:
        return {"text": self.instance.answer}

    def perform(self, data: dict[str, Any]) -> None:
        contributions.answer(self.instance, text=data["text"], actor=self.actor)


class DeclineView(ContributionActionView):
    name = "decline"
    label = _("Decline")
    icon_name = "cross"
    form_class = AnswerForm
    is_serious = True
    is_secondary = True
    success_message = _("Declined; the author has been told by e-mail.")

    @classmethod
    def fits(cls, instance: Contribution) -> bool:
        return instance.state in (ContributionState.PROPOSED, ContributionState.ANSWERED)

    def perform(self, data: dict[str, Any]) -> None:
        contributions.decline(self.instance, text=data["text"], actor=self.actor)


class PlanForm(ItemForm):
    """The programme item that it becomes. ``meetings``: the network's coming ones."""

    meeting: Any = forms.ModelChoiceField(
        label=_("Meeting"), queryset=None, empty_label=_("Choose a meeting")
    )
    message = forms.CharField(
        label=_("Message to the author"),
        required=False,
        max_length=4000,
        help_text=_("The author is mailed which meeting it is. Add your own words if you like."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    field_order = ("meeting", "kind", "text", "on_page", "message")

    def __init__(self, *args: Any, meetings: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting"].queryset = meetings  # type: ignore[attr-defined]


class PlanView(ContributionActionView):
    name = "plan"
    label = _("Put on a meeting's programme")
    icon_name = "date"
    form_class = PlanForm
    submit_label = _("Put on the programme")
    success_message = _("It is on the meeting's programme; the author has been told by e-mail.")

    def get_form_kwargs(self) -> dict[str, Any]:
        meetings = coming_meetings_of(self.instance.network_id)
        return {**super().get_form_kwargs(), "meetings": meetings}

    def get_initial(self) -> dict[str, Any]:
        row = self.instance
        if isinstance(row, Topic):
            return {"kind": ProgrammeKind.AGENDA, "text": row.title}
        municipality = row.membership.municipality
        organisation = (
            municipality.official_name if municipality else row.membership.organisation_name
        )
        is_host = row.kind == OfferKind.HOST
        text = organisation if is_host else f"{row.author_name}, {organisation}: {row.title}"
        return {
            "meeting": row.meeting_id,
            "kind": ProgrammeKind.HOST if is_host else ProgrammeKind.SPEAKER,
            "text": text[:250],
        }

    def perform(self, data: dict[str, Any]) -> None:
        facts = dict(data)
        meeting = facts.pop("meeting")
        contributions.plan(self.instance, meeting_id=meeting.pk, actor=self.actor, **facts)
