"""The form by which an administrator signs a municipality (or another party) up."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from networks.backoffice.actions import ReasonForm
from networks.backoffice.membership_forms import buyer_fields, check_buyer
from networks.models import (
    ORGANISATION_CHOICES,
    Meeting,
    Municipality,
    NetworkPage,
    Question,
    QuestionKind,
)
from networks.rules.eligibility import OrganisationKind, Policy
from networks.rules.pricing import SeasonTerms, TariffKind
from networks.services import terms
from networks.services.application import Application, ParticipantEntry
from networks.services.buyers import remembered_buyer
from payments.models import PaymentMethod


def parse_participants(text: str) -> list[tuple[str, str, str]]:
    """(name, address, job title) of each line; a ValidationError names a line that isn't."""
    people = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        parts = [part.strip() for part in re.split(r"[,;\t]", line, maxsplit=2)] + ["", ""]
        name, email, job_title = parts[:3]
        try:
            validate_email(email)
        except ValidationError as error:
            message = _t("This line has no name and e-mail: %(line)s")
            raise ValidationError(message % {"line": line}) from error
        people.append((name, email, job_title))
    return people


def question_field(question: Question) -> forms.Field:
    common: dict[str, Any] = {"label": question.label, "required": question.required}
    if question.kind == QuestionKind.YES_NO:
        choices = [("", "—"), (_t("Yes"), _("Yes")), (_t("No"), _("No"))]
        return forms.ChoiceField(choices=choices, **common)
    if question.kind == QuestionKind.CHOICE:
        choices = [("", "—"), *((text, text) for text in question.choice_list)]
        return forms.ChoiceField(choices=choices, **common)
    return forms.CharField(**common)


class OnBehalfForm(ReasonForm):
    season = forms.TypedChoiceField(label=_("Season"), coerce=int, empty_value=None)
    organisation = forms.ChoiceField(
        label=_("Kind of organisation"), choices=ORGANISATION_CHOICES, widget=forms.RadioSelect
    )
    municipality = forms.ModelChoiceField(
        label=_("Municipality"),
        queryset=Municipality.objects.filter(merged_into=None),
        required=False,
    )
    organisation_name = forms.CharField(
        label=_("Organisation"),
        max_length=200,
        required=False,
        help_text=_("When it is not a municipality."),
    )
    name = forms.CharField(label=_("Contact"), max_length=150)
    email = forms.EmailField(label=_("Work e-mail"), max_length=254)
    job_title = forms.CharField(label=_("Job title"), max_length=150, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    participants = forms.CharField(
        label=_("Participants"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line: name, e-mail, job title. They can also be named later."),
    )
    meetings = forms.ModelMultipleChoiceField(
        label=_("Meetings"),
        queryset=Meeting.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Paid for by each participant named above."),
    )
    method = forms.ChoiceField(
        label=_("Payment method"),
        choices=PaymentMethod.choices,
        initial=PaymentMethod.INVOICE,
        widget=forms.RadioSelect,
    )
    above_capacity = forms.BooleanField(label=_("Accept above capacity"), required=False)

    def __init__(self, *args: Any, network: NetworkPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.network = network
        self.fields.update(buyer_fields())
        for question in network.questions.all():
            self.fields[f"question_{question.pk}"] = question_field(question)
        self._offer_seasons(terms.open_seasons(terms.terms_of(network)))
        if network.eligibility == Policy.MUNICIPALITIES:
            del self.fields["organisation_name"]
            self.fields["organisation"].choices = ORGANISATION_CHOICES[:1]  # type: ignore[attr-defined]
        self.initial.setdefault("organisation", OrganisationKind.MUNICIPALITY.value)
        # Last what is about the decision, not about the member.
        self.order_fields([name for name in self.fields if name not in self.last] + self.last)

    last = ["above_capacity", "reason"]

    def _offer_seasons(self, seasons: list[SeasonTerms]) -> None:
        """What the open seasons need: a choice between them, meetings, a way to pay."""
        names = {season.pk: season.name for season in self.network.seasons.all()}
        choices = [(season.key, names[season.key]) for season in seasons]
        self.fields["season"].choices = choices  # type: ignore[attr-defined]
        if self.network.free_of_charge and not seasons:
            del self.fields["season"]
        if all(season.tariff == TariffKind.FREE for season in seasons):
            for name in ("method", *buyer_fields()):
                del self.fields[name]
        by_meeting = [
            season.key for season in seasons if season.tariff == TariffKind.PER_PERSON_PER_MEETING
        ]
        if by_meeting:
            meetings = Meeting.objects.filter(season__in=by_meeting).order_by("starts_at")
            self.fields["meetings"].queryset = meetings  # type: ignore[attr-defined]
        else:
            del self.fields["meetings"]

    def clean_participants(self) -> list[tuple[str, str, str]]:
        return parse_participants(self.cleaned_data["participants"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("organisation") == OrganisationKind.MUNICIPALITY:
            if not data.get("municipality"):
                self.add_error("municipality", _("Choose the municipality."))
        elif "organisation_name" in self.fields:
            data["municipality"] = None
            if not data.get("organisation_name"):
                self.add_error("organisation_name", _("Write the name of the organisation."))
        if "method" in self.fields:
            self._fill_in_buyer(data)
            check_buyer(self, data, data.get("method", ""))
        return data

    def _fill_in_buyer(self, data: dict[str, Any]) -> None:
        """What was left empty is taken from the municipality's earlier orders."""
        municipality = data.get("municipality")
        for name, value in (remembered_buyer(municipality) if municipality else {}).items():
            if name in self.fields and name not in self.errors and not data.get(name):
                data[name] = value

    @staticmethod
    def application(network: NetworkPage, data: dict[str, Any]) -> Application:
        """The cleaned data as the service takes it."""
        meetings = tuple(meeting.pk for meeting in data.get("meetings", ()))
        prefix = "question_"
        return Application(
            network=network,
            season_id=data.get("season"),
            organisation=OrganisationKind(data["organisation"]),
            municipality=data["municipality"],
            organisation_name=data.get("organisation_name", ""),
            name=data["name"],
            email=data["email"],
            job_title=data["job_title"],
            phone=data["phone"],
            participants=tuple(
                ParticipantEntry(name, email, job_title, meetings)
                for name, email, job_title in data["participants"]
            ),
            answers={
                int(name.removeprefix(prefix)): value
                for name, value in data.items()
                if name.startswith(prefix) and value
            },
            method=data.get("method", ""),
            buyer={name: data[name] for name in buyer_fields() if name in data},
        )
