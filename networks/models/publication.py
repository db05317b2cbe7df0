"""What must be true of a network's page before it is published, whichever way that happens.

The editor's form says the same beside its fields; this is what holds when a version is published
without the form: in bulk, by a workflow, on schedule, by code.
"""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from networks.rules.pricing import TariffKind

if TYPE_CHECKING:
    from networks.models.pages import NetworkPage
    from networks.models.seasons import Season


class PublicationRefused(ValidationError):
    """The version can't go live; the messages say why."""


def refuse_half_done(page: "NetworkPage") -> None:
    """Raises PublicationRefused when a price that the page can come to is missing."""
    seasons = list(page.seasons.all())
    messages = [message for season in seasons for message in _missing(season)]
    if not page.free_of_charge and not seasons:
        messages.append(_("A network with a price needs a season. Add one, or mark it as free."))
    if messages:
        raise PublicationRefused([f"{page.title}: {message}" for message in messages])


def _missing(season: "Season") -> list[str]:
    if season.starts_on is None or season.ends_on is None:
        return [_("%(season)s has no dates.") % {"season": season.name}]
    terms = season.terms()
    if terms.tariff == TariffKind.PER_PERSON_PER_MEETING and terms.price_per_person is None:
        return [f"{season.name}: " + _("Write the price per person.")]
    if terms.tariff == TariffKind.SEASON_FEE and terms.missing_rows():
        numbers = ", ".join(str(left) for left in terms.missing_rows())
        return [
            f"{season.name}: "
            + _("The price is missing for this number of meetings left: %(numbers)s.")
            % {"numbers": numbers}
        ]
    if not season.prices_confirmed and terms.tariff != TariffKind.FREE:
        return [f"{season.name}: " + _("Confirm the prices before the season is published.")]
    return []
