"""The filter by consent: who said yes, took it back, or never said so."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet

from cms.policy import User
from networks.models import Person
from networks.policies import SEES_ALL_NETWORKS, coordinated_networks, membership_policy
from networks.services import consents
from networks.services.consents import Answer

ANSWERS = {
    Answer.GIVEN: _("%(consent)s: given"),
    Answer.WITHDRAWN: _("%(consent)s: withdrawn"),
    Answer.NOT_GIVEN: _("%(consent)s: not given"),
}


def consent_choices(user: User) -> list[tuple[str, Any]]:
    """Every answer to each consent that may be asked for in the user's networks."""
    known = consents.known()
    if any(network for _key, _title, network in known) and not user.has_perm(SEES_ALL_NETWORKS):
        own = {None, *coordinated_networks(user).values_list("network_id", flat=True)}
        known = [each for each in known if each[2] in own]
    return [
        (f"{key}:{answer}", label % {"consent": title})
        for key, title, _network in known
        for answer, label in ANSWERS.items()
    ]


class ConsentFilter(django_filters.ChoiceFilter):
    """A consent and the answer to it, in one value: ``12:withdrawn``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Consent"), empty_label=_("All"), choices=[], **kwargs)

    @property
    def field(self) -> Any:
        field = super().field
        field.choices = self.parent.consent_choices
        return field

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        key, _separator, answer = value.partition(":")
        if qs.model is not Person:
            return consents.memberships_by(qs, int(key), Answer(answer))
        # A person may have said yes in a network that the reader does not see.
        seen = membership_policy.rows(self.parent.request.user)
        return consents.people_by(qs, int(key), Answer(answer), seen)


class AsksForConsent(WagtailFilterSet):
    """Filters with ``consent = ConsentFilter()``, which is left out while there is none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.consent_choices = consent_choices(self.request.user)
        if not self.consent_choices:
            del self.filters["consent"]
