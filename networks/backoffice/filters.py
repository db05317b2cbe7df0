"""Filters of the lists. They offer only the networks that the user may see."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet

from cms.messages import outbox
from networks.backoffice.consent_filter import AsksForConsent, ConsentFilter
from networks.models import (
    ORGANISATION_CHOICES,
    STATUS_CHOICES,
    Handover,
    HandoverKind,
    JoinRequest,
    Meeting,
    Membership,
    Municipality,
    NetworkPage,
    RequestState,
    Season,
)
from networks.policies import visible_networks
from networks.rules.states import FINAL, Status
from networks.services.held_back import held_back
from networks.services.missing_names import missing_names
from payments.models import PaymentMethod

#: From this local date Hovedstaden and Sjælland are Østdanmark (law 699 of 20 June 2025, § 126).
NEW_REGIONS_FROM = date(2027, 1, 1)


def networks_of(request: HttpRequest) -> QuerySet[NetworkPage]:
    return visible_networks(request.user)


def region_field() -> str:
    """The municipality's field that holds its region today."""
    return "region_2027" if timezone.localdate() >= NEW_REGIONS_FROM else "region"


def geography() -> list[tuple[int, str, str]]:
    """(key, name, region today) of each municipality. They hardly change, so that every list need
    not ask for them: kept for a minute."""
    fields = ("pk", "name", region_field())
    key = f"backoffice.geography.{fields[-1]}"
    kept: list[tuple[int, str, str]] | None = cache.get(key)
    if kept is None:
        kept = list(Municipality.objects.values_list(*fields))
        cache.set(key, kept, 60)
    return kept


def region_choices() -> list[tuple[str, str]]:
    return [(region, region) for region in sorted({region for _key, _name, region in geography()})]


def municipality_choices() -> list[tuple[str, str]]:
    return [(str(key), name) for key, name, _region in geography()]


class NetworkFilter(django_filters.ModelChoiceFilter):
    """One of the networks whose members the user may see."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Network"), queryset=networks_of, empty_label=_("All"), **kwargs)


class MunicipalityFilter(django_filters.ChoiceFilter):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Municipality"), choices=municipality_choices, empty_label=_("All"), **kwargs
        )


class RegionFilter(django_filters.ChoiceFilter):
    """By the region that the municipality lies in today. ``field_name``: the municipality's."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Region"),
            choices=region_choices,
            empty_label=_("All"),
            widget=forms.RadioSelect,
            **kwargs,
        )

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__{region_field()}": value}) if value else qs


class TaskFilter(django_filters.ChoiceFilter):
    """What waits for an administrator."""

    TASKS = {
        "approval": Q(status=Status.PENDING_APPROVAL),
        "paid_unconfirmed": Q(status=Status.ACTIVE, address_confirmed_at__isnull=True),
        "waiting": Q(status=Status.WAITLISTED),
        "leaving": Q(status=Status.ACTIVE, cancelled_at__isnull=False),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("To do"),
            choices=[
                ("approval", _("Awaiting approval")),
                ("paid_unconfirmed", _("Paid, but the address is not confirmed")),
                ("waiting", _("On the waiting list")),
                ("leaving", _("Leaving")),
                ("mail_returns", _("Mail to the contact comes back")),
                ("names_missing", _("Seats without names at the next meeting")),
                ("held", _("Held back at the year change")),
            ],
            empty_label=_("All"),
            widget=forms.RadioSelect,
            **kwargs,
        )

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == "mail_returns":
            returning = outbox.returning().values("to_email")
            return qs.exclude(status__in=FINAL).filter(contact__email__in=returning)
        if value == "names_missing":
            return qs.filter(pk__in=missing_names(timezone.now()).values("pk"))
        if value == "held":
            return qs.filter(pk__in=held_back(timezone.localdate()).values("pk"))
        return qs.filter(self.TASKS[value]) if value else qs


class MembershipFilters(AsksForConsent):
    status = django_filters.MultipleChoiceFilter(
        label=_("State"),
        choices=STATUS_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        distinct=False,
    )
    task = TaskFilter()
    network = NetworkFilter()
    municipality = MunicipalityFilter(field_name="municipality_id")
    region = RegionFilter(field_name="municipality")
    method = django_filters.ChoiceFilter(
        label=_("Payment method"),
        choices=PaymentMethod.choices,
        empty_label=_("All"),
        widget=forms.RadioSelect,
    )
    organisation_kind = django_filters.MultipleChoiceFilter(
        label=_("Kind of organisation"),
        choices=ORGANISATION_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        distinct=False,
    )
    signed_up_at = django_filters.DateFromToRangeFilter(
        label=_("Signed up"), widget=DateRangePickerWidget
    )
    consent = ConsentFilter()

    class Meta:
        model = Membership
        fields: list[str] = []


class PersonFilters(AsksForConsent):
    network = django_filters.ModelChoiceFilter(
        label=_("Network"), queryset=networks_of, empty_label=_("All"), method="in_network"
    )
    municipality = MunicipalityFilter(field_name="municipality_id")
    region = RegionFilter(field_name="municipality")
    confirmed_at = django_filters.BooleanFilter(
        label=_("Address confirmed"), lookup_expr="isnull", exclude=True
    )
    consent = ConsentFilter()

    class Meta:
        model = Membership
        fields: list[str] = []

    def in_network(self, people: QuerySet[Any], name: str, network: NetworkPage) -> QuerySet[Any]:
        """Contacts of the network's memberships that are not over."""
        memberships = Membership.objects.filter(network=network).exclude(status__in=FINAL)
        return people.filter(pk__in=memberships.values("contact_id"))


class MeetingFilters(WagtailFilterSet):
    network = django_filters.ChoiceFilter(
        label=_("Network"), field_name="season__page_id", choices=[], empty_label=_("All")
    )
    season = django_filters.ChoiceFilter(
        label=_("Season"), field_name="season_id", choices=[], empty_label=_("All")
    )
    when = django_filters.ChoiceFilter(
        label=_("When"),
        choices=[("coming", _("Coming")), ("past", _("Held"))],
        empty_label=_("All"),
        method="at_time",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Meeting
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = visible_networks(self.request.user).order_by()
        seasons = (
            Season.objects.filter(page__in=visible)
            .order_by("page__title", "page_id", "starts_on")
            .values_list("pk", "name", "page_id", "page__title")
        )
        # Both from one query.
        titles = {}
        choices = []
        for key, name, network, title in seasons:
            titles[network] = title
            choices.append((key, f"{title}: {name}"))
        self.filters["season"].extra["choices"] = choices
        self.filters["network"].extra["choices"] = list(titles.items())

    def at_time(self, meetings: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        started = Q(starts_at__lte=timezone.now())
        return meetings.filter(started) if value == "past" else meetings.exclude(started)


class JoinRequestFilters(WagtailFilterSet):
    network = NetworkFilter(field_name="membership__network")
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=RequestState.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = JoinRequest
        fields: list[str] = []


class HandoverFilters(WagtailFilterSet):
    task = django_filters.ChoiceFilter(
        label=_("To do"),
        choices=[("decision", _("Awaits a decision"))],
        empty_label=_("All"),
        method="to_decide",
        widget=forms.RadioSelect,
    )
    network = NetworkFilter(field_name="membership__network")
    kind = django_filters.MultipleChoiceFilter(
        label=_("Kind"), choices=HandoverKind.choices, widget=forms.CheckboxSelectMultiple
    )
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=RequestState.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Handover
        fields: list[str] = []

    def to_decide(self, handovers: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """The new holder has proved the address, and an administrator has the word."""
        return handovers.filter(state=RequestState.WAITING, confirmed_at__isnull=False)
