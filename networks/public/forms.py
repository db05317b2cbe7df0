"""The sign-up form.

The form explains; the service decides again under its lock. Nothing typed is lost on an error.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from networks.models import Municipality
from networks.public.asked_fields import AskedFields
from networks.public.buyer_form import BuyerForm
from networks.public.organisation_choices import organisation_choices
from networks.public.participant_form import LineField, ParticipantForm, refuse_strangers
from networks.public.presentation import NetworkView
from networks.public.price_field import price_field
from networks.public.refusal import refusal
from networks.public.seasons import SeasonView
from networks.rules.eligibility import OrganisationKind, Policy
from networks.rules.pricing import TariffKind
from networks.services import invitations, paying
from networks.services.application import (
    Application,
    ParticipantEntry,
    strangers_among,
    verdict_on,
)
from payments import gateway
from payments.models import PaymentMethod

#: Rows for participants where a membership has no limit of seats.
PARTICIPANT_ROWS = 3


class SignUpForm(AskedFields, BuyerForm):
    """Signing up on the network's page, without an account.

    ``shown_price`` (øre excl. VAT: the fee, or the price per person per meeting) travels with the
    form, so that nobody accepts a price that was not shown.
    """

    season = forms.ChoiceField(
        label=gettext_lazy("Season"), required=False, widget=forms.RadioSelect
    )
    shown_price = price_field()
    invitation = forms.CharField(required=False, widget=forms.HiddenInput)
    name = LineField(
        label=gettext_lazy("Name"),
        max_length=150,
        error_messages={"required": gettext_lazy("Write your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        max_length=254,
        label=gettext_lazy("Work e-mail"),
        help_text=gettext_lazy(
            "Use your address at the municipality: it is proof of where you work."
        ),
        error_messages={
            "required": gettext_lazy("Write your work e-mail."),
            "invalid": gettext_lazy("Write an e-mail address, for example name@municipality.dk."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    job_title = LineField(
        label=gettext_lazy("Job title"),
        max_length=150,
        error_messages={"required": gettext_lazy("Write your job title.")},
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    phone = LineField(
        label=gettext_lazy("Phone"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    organisation = forms.ChoiceField(
        label=gettext_lazy("Municipality"),
        error_messages={
            "required": gettext_lazy("Choose your municipality."),
            "invalid_choice": gettext_lazy("Choose your municipality from the list."),
        },
    )
    organisation_name = LineField(
        label=gettext_lazy("The organisation's name"), required=False, max_length=200
    )
    method = forms.ChoiceField(
        label=gettext_lazy("How will you pay?"), required=False, widget=forms.RadioSelect
    )
    #: A trap for programs that fill in everything; people never see it.
    website = forms.CharField(required=False)

    field_order = ("season", "organisation", "organisation_name", "name", "job_title", "email")

    def __init__(self, view: NetworkView, *args: Any, invitation: str = "", **kwargs: Any) -> None:
        self.view = view
        self.network = view.facts
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = organisation_choices()  # type: ignore[attr-defined]
        self._prepare_season()
        self._prepare_payment()
        if self.network.eligibility == Policy.MUNICIPALITIES:
            del self.fields["organisation_name"]
        self.ask(self.network)
        self.initial.setdefault("invitation", invitation)

    def _prepare_season(self) -> None:
        seasons = self.view.open_seasons
        choices = [(str(row.season.pk), f"{row.name}: {row.price_label}") for row in seasons]
        self.fields["season"].choices = choices  # type: ignore[attr-defined]
        if len(seasons) < 2:
            self.fields["season"].widget = forms.HiddenInput()
        if seasons:
            self.initial.setdefault("season", str(seasons[0].season.pk))
        season = self.season_view
        self.initial.setdefault("shown_price", season.shown_net if season else 0)

    def _prepare_payment(self) -> None:
        if not self.has_price:
            for name in ("method", *self.INVOICE_FIELDS, *self.ADDRESS_FIELDS):
                del self.fields[name]
            return
        choices = list(PaymentMethod.choices)
        if not self.card_is_possible:
            choices = [row for row in choices if row[0] != PaymentMethod.CARD]
        self.fields["method"].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault("method", PaymentMethod.INVOICE.value)

    @cached_property
    def card_is_possible(self) -> bool:
        """The operator gave a key that works, and neither site nor network has switched it off."""
        return gateway.is_configured() and paying.card_is_on(self.network)

    @property
    def season_view(self) -> SeasonView | None:
        """The season that was chosen, or the first that is open."""
        seasons = self.view.open_seasons
        chosen = self.data.get("season") if self.is_bound else None
        return next(
            (row for row in seasons if str(row.season.pk) == chosen),
            seasons[0] if seasons else None,
        )

    @property
    def season_is_gone(self) -> bool:
        """The season that was chosen can't be joined any more since the page was shown."""
        chosen = self.data.get("season", "")
        return bool(chosen) and all(str(row.season.pk) != chosen for row in self.view.open_seasons)

    @property
    def has_price(self) -> bool:
        """True when any season that may be chosen costs something."""
        return any(row.tariff != TariffKind.FREE for row in self.view.open_seasons)

    @cached_property
    def participants(self) -> list[ParticipantForm]:
        """A row for each seat; none where the person is the member."""
        if self.view.member_is_person:
            return []
        season = self.season_view
        rows = (season and season.seats_per_meeting) or PARTICIPANT_ROWS
        data = self.data if self.is_bound else None
        return [
            ParticipantForm(data, prefix=f"deltager-{number}", season=season)
            for number in range(1, rows + 1)
        ]

    @property
    def all_errors(self) -> list[tuple[str, str]]:
        """(id of the field, message) of every error, for the summary with links."""
        rows = []
        for form in [self, *self.participants]:
            for name, messages in form.errors.items():
                anchor = "" if name == "__all__" else form[name].id_for_label or form[name].auto_id
                rows += [(anchor or "tilmelding", str(message)) for message in messages]
        return rows

    def is_valid(self) -> bool:
        rows_valid = [form.is_valid() for form in self.participants]
        return super().is_valid() and all(rows_valid)

    def clean(self) -> dict[str, Any]:
        self._clean_organisation()
        method = self.cleaned_data.get("method", "")
        if self.has_price and self.chosen_price_is_due:
            if not method:
                self.add_error("method", _("Choose how you will pay."))
            if method == PaymentMethod.INVOICE:
                self.require_invoice_details()
            self.require_address()
        self._clean_participants()
        return self.cleaned_data

    @property
    def chosen_price_is_due(self) -> bool:
        return self.season_view is not None and self.season_view.tariff != TariffKind.FREE

    def _clean_organisation(self) -> None:
        kind, municipality = self.organisation_kind, self.municipality
        if "organisation" not in self.cleaned_data:
            return
        asked_for_name = municipality is None and "organisation_name" in self.fields
        if asked_for_name and not self.cleaned_data.get("organisation_name"):
            self.add_error("organisation_name", _("Write the organisation's name."))
        verdict = verdict_on(self._application(kind, municipality))
        if verdict.is_refusal:
            self.add_error("organisation", refusal(verdict, self.view))

    def _clean_participants(self) -> None:
        if not self.participants:
            return
        addresses = [entry.email for entry in self._entries()]
        if len(addresses) != len({address.lower() for address in addresses}):
            self.add_error(None, _("The same participant is named twice."))
        refuse_strangers(self.participants, strangers_among(self.application))
        season = self.season_view
        if season and season.tariff == TariffKind.PER_PERSON_PER_MEETING and not addresses:
            self.participants[0].add_error("name", _("Name at least one participant."))

    @property
    def organisation_kind(self) -> OrganisationKind:
        kind, _separator, key = self.cleaned_data.get("organisation", "").partition(":")
        return OrganisationKind(key) if kind == "k" else OrganisationKind.MUNICIPALITY

    @cached_property
    def municipality(self) -> Municipality | None:
        kind, _separator, key = self.cleaned_data.get("organisation", "").partition(":")
        if kind != "m":
            return None
        # One that has merged since the page was shown is what it has become.
        found = Municipality.objects.select_related("merged_into").filter(pk=key).first()
        return found.current if found else None

    @property
    def application(self) -> Application:
        """What a valid form asks for."""
        return self._application(self.organisation_kind, self.municipality)

    def _application(
        self, kind: OrganisationKind, municipality: Municipality | None
    ) -> Application:
        data: Mapping[str, Any] = self.cleaned_data
        season = self.season_view
        entries = self._entries()
        method = data.get("method", "") if self.chosen_price_is_due else ""
        return Application(
            network=self.network,
            season_id=season.season.pk if season else None,
            organisation=kind,
            municipality=municipality,
            organisation_name=data.get("organisation_name", ""),
            name=data.get("name", ""),
            email=data.get("email", ""),
            job_title=data.get("job_title", ""),
            phone=data.get("phone", ""),
            participants=entries,
            answers=self.answers,
            method=method,
            buyer=(
                self.buyer(municipality, data.get("name", ""), data.get("email", ""))
                if method
                else {}
            ),
            accepted_net=self._accepted_net(season, entries),
            consents=self.consents_given,
            invited=invitations.is_invited(
                self.network, email=data.get("email", ""), token=data.get("invitation", "")
            ),
        )

    def _entries(self) -> tuple[ParticipantEntry, ...]:
        entries = [form.entry for form in self.participants if form.is_valid()]
        return tuple(entry for entry in entries if entry)

    def _accepted_net(
        self, season: SeasonView | None, entries: tuple[ParticipantEntry, ...]
    ) -> int:
        shown = self.cleaned_data.get("shown_price") or 0
        if season and season.tariff == TariffKind.PER_PERSON_PER_MEETING:
            return int(shown) * sum(len(entry.meeting_ids) for entry in entries)
        return int(shown)
