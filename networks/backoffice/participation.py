"""Participation: how a network's meetings of a season were attended, and by whom."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem

from cms.backoffice.rows import BackofficeView
from cms.backoffice.spreadsheets import table_response
from networks.models import Season
from networks.policies import SEE_MEMBERS, meeting_policy, visible_networks
from networks.services.participation import Participation, participation_in

MEETING_HEADINGS = (
    _("Meeting"),
    _("Named"),
    _("Came"),
    _("Did not come"),
    _("Not noted"),
    _("Turnout in percent"),
    _("Guests"),
    _("Guests who came"),
)
MEETING_CELLS = ("named", "came", "stayed_away", "not_noted", "rate", "guests", "guests_came")
ORGANISATION_HEADINGS = (
    _("Municipality"),
    _("Memberships"),
    _("Meetings taken part in"),
    _("Named"),
    _("Came"),
    _("Did not come"),
    _("Unused seats"),
)
ORGANISATION_CELLS = ("memberships", "meetings", "named", "came", "stayed_away", "unused")


def meetings_table(participation: Participation) -> list[list[Any]]:
    """Rows and total, as the screen shows them."""
    rows = [
        [turnout.meeting.label, *(getattr(turnout, name) for name in MEETING_CELLS)]
        for turnout in participation.meetings
    ]
    total = participation.total
    return [*rows, [_t("Total"), *(total[name] for name in MEETING_CELLS)]]


def organisations_table(participation: Participation) -> list[list[Any]]:
    rows = [
        [row.organisation, *(getattr(row, name) for name in ORGANISATION_CELLS)]
        for row in participation.organisations
    ]
    total = participation.organisations_total
    return [*rows, [_t("Total"), *(total[name] for name in ORGANISATION_CELLS)]]


#: What is exported → headings and table.
TABLES = {
    "meetings": (MEETING_HEADINGS, meetings_table),
    "municipalities": (ORGANISATION_HEADINGS, organisations_table),
}


class ParticipationView(BackofficeView):
    """One season of a network that the user may see; the first network's newest that has begun,
    until one is chosen."""

    name = "participation"
    permission = SEE_MEMBERS
    label = _("Participation")
    icon_name = "calculator"
    template_name = "networks/backoffice/participation.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        season = self.chosen_season()
        participation = participation_in(season) if season else None
        export = request.GET.get("export", "")
        if participation and export:
            return self.export(participation, export)
        context = self.get_context_data(
            seasons=self.seasons,
            season=season,
            meetings=meetings_table(participation) if participation else [],
            organisations=organisations_table(participation) if participation else [],
            meeting_headings=MEETING_HEADINGS,
            organisation_headings=ORGANISATION_HEADINGS,
        )
        response: HttpResponseBase = self.render_to_response(context)
        return response

    @cached_property
    def seasons(self) -> list[Season]:
        networks = visible_networks(self.request.user).order_by()
        seasons = Season.objects.filter(
            page__in=networks, starts_on__isnull=False, ends_on__isnull=False
        ).select_related("page")
        return list(seasons.order_by("page__title", "page_id", "-starts_on"))

    def chosen_season(self) -> Season | None:
        """Raises Http404 for a season of a network that the user may not see."""
        key = self.request.GET.get("season", "")
        if key:
            season = next((each for each in self.seasons if str(each.pk) == key), None)
            if season is None:
                raise Http404
            return season
        today = timezone.localdate()
        begun = [each for each in self.seasons if each.starts_on and each.starts_on <= today]
        return next(iter(begun or self.seasons), None)

    def export(self, participation: Participation, what: str) -> HttpResponseBase:
        headings, table = TABLES.get(what, TABLES["meetings"])
        name = f"deltagelse-{participation.season.pk}-{what if what in TABLES else 'meetings'}"
        file_format = "xlsx" if self.request.GET.get("format") == "xlsx" else "csv"
        rows = [list(headings), *table(participation)]
        return table_response(rows, file_format=file_format, name=name)


class ParticipationMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return meeting_policy.user_has_permission(request.user, SEE_MEMBERS)


class ParticipationMenu:
    """The page's entry in a group of the menu."""

    def __init__(self, model_admin: Any) -> None:
        self.model_admin = model_admin

    def get_menu_item(self, order: int) -> MenuItem:
        return ParticipationMenuItem(
            ParticipationView.label,
            self.model_admin.row_url(ParticipationView.name),
            name=ParticipationView.name,
            icon_name=ParticipationView.icon_name,
            order=order,
        )
