"""The editor's form: drafts may be half-done, publishing validates the whole."""

from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm

from networks.models.page_rows import FACT_RELATIONS, dropping_error, protected_rows
from networks.rules.pricing import TariffKind

EDIT_FACTS = "networks.edit_facts_networkpage"


def may_edit_facts(user: Any) -> bool:
    """Whether somebody may change meetings, prices and sign-up, and not the texts alone.

    Without a user the form serves code, which may.
    """
    return user is None or bool(user.has_perm(EDIT_FACTS))


class NetworkPageForm(WagtailAdminPageForm):
    """Checks that concern several rows at once; those of one row are the models'."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.holds_texts_only or not may_edit_facts(self.for_user):
            self._remove_facts()

    def _remove_facts(self) -> None:
        for relation in FACT_RELATIONS:
            self.formsets.pop(relation, None)
        for name in (
            "free_of_charge",
            "card_payment",
            "charge_days_before_season",
            "swap_deadline_hours",
            "reminder_days",
            "unit",
            "eligibility",
            "capacity",
            "signup_opens_at",
            "signup_closes_at",
        ):
            self.fields.pop(name, None)

    def is_valid(self) -> bool:
        valid: bool = super().is_valid()
        if not valid or "seasons" not in self.formsets:
            return valid
        self._check_dropped_rows()
        if not self.is_deferred_validation:
            self._check_dates()
            self._check_seasons()
            self._check_unit()
        return not self.errors and all(formset.is_valid() for formset in self.formsets.values())

    def _kept(self, relation: str) -> list[Any]:
        return _kept_forms(self.formsets[relation])

    def _check_dropped_rows(self) -> None:
        if not self.instance.pk:
            return
        seasons = self._kept("seasons")
        meetings = [row for season in seasons for row in _kept_forms(season.formsets["meetings"])]
        rows = protected_rows(
            self.instance.pk,
            {
                "Season": _keys(seasons),
                "Meeting": _keys(meetings),
                "Question": _keys(self._kept("questions")),
            },
        )
        if rows:
            self.add_error(None, dropping_error(rows))

    def _check_dates(self) -> None:
        opens = self.cleaned_data.get("signup_opens_at")
        closes = self.cleaned_data.get("signup_closes_at")
        if opens and closes and closes <= opens:
            self.add_error("signup_closes_at", _("Sign-up closes before it opens."))

    def _check_seasons(self) -> None:
        free = self.cleaned_data.get("free_of_charge")
        seasons = self._kept("seasons")
        if not free and not seasons:
            self.add_error(
                None, _("A network with a price needs a season. Add one, or mark it as free.")
            )
        for form in seasons:
            if free and form.cleaned_data.get("tariff") != TariffKind.FREE:
                self._season_error(
                    form, "tariff", _("The network is free of charge, so its seasons are free.")
                )
            self._check_tariff(form)
            self._check_confirmed(form)
            self._check_days(form)
        self._check_overlaps(seasons)

    def _season_error(self, form: Any, field: str | None, message: str) -> None:
        form.add_error(field, message)
        name = form.cleaned_data.get("name") or _("Season")
        self.add_error(None, f"{name}: {message}")

    def _check_tariff(self, form: Any) -> None:
        tariff = form.cleaned_data.get("tariff")
        if (
            tariff == TariffKind.PER_PERSON_PER_MEETING
            and form.cleaned_data.get("price_per_person") is None
        ):
            self._season_error(form, "price_per_person", _("Write the price per person."))
        if tariff != TariffKind.SEASON_FEE:
            return
        meetings = _kept_forms(form.formsets["meetings"])
        counted = sum(
            1
            for row in meetings
            if row.cleaned_data.get("included") and not row.instance.is_cancelled
        )
        rows = [row.cleaned_data["meetings_left"] for row in _kept_forms(form.formsets["ladder"])]
        missing = [str(left) for left in range(1, counted + 1) if left not in rows]
        if missing:
            self._season_error(
                form,
                None,
                _("The price is missing for this number of meetings left: %(numbers)s.")
                % {"numbers": ", ".join(missing)},
            )
        if len(rows) != len(set(rows)):
            self._season_error(
                form, None, _("There are two prices for the same number of meetings left.")
            )

    def _check_confirmed(self, form: Any) -> None:
        free = form.cleaned_data.get("tariff") == TariffKind.FREE
        if not free and not form.cleaned_data.get("prices_confirmed"):
            self._season_error(
                form,
                "prices_confirmed",
                _("Confirm the prices before the season is published."),
            )

    def _check_days(self, form: Any) -> None:
        begins = form.cleaned_data.get("starts_on")
        last_day = form.cleaned_data.get("last_cancellation_on")
        if begins and last_day and last_day >= begins:
            self._season_error(
                form, "last_cancellation_on", _("The last day to cancel is before the season.")
            )
        for row in _kept_forms(form.formsets["meetings"]):
            if not row.cleaned_data.get("starts_at") and not row.cleaned_data.get("date_text"):
                row.add_error(
                    "date_text", _("Give the meeting a date, or say when it is to be announced.")
                )
                self.add_error(None, _("A meeting has neither a date nor a text in its place."))

    def _check_overlaps(self, seasons: list[Any]) -> None:
        dated = sorted(
            (form for form in seasons if form.cleaned_data.get("starts_on")),
            key=lambda form: form.cleaned_data["starts_on"],
        )
        for earlier, later in zip(dated, dated[1:], strict=False):
            if earlier.cleaned_data["ends_on"] >= later.cleaned_data["starts_on"]:
                self._season_error(
                    later, "starts_on", _("The season begins before the one before it has ended.")
                )

    def _check_unit(self) -> None:
        """The membership unit is fixed once a membership exists."""
        if not self.instance.pk or "unit" not in self.changed_data:
            return
        memberships = apps.get_model("networks", "Membership")._default_manager
        if memberships.filter(network_id=self.instance.pk).exists():
            self.add_error("unit", _("The network has members: the unit can't be changed."))


def _kept_forms(formset: Any) -> list[Any]:
    """The formset's rows that are not marked for deletion."""
    return [form for form in formset.forms if form not in formset.deleted_forms]


def _keys(forms: list[Any]) -> set[int]:
    return {form.instance.pk for form in forms if form.instance.pk}
