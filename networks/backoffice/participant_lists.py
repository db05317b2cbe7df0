"""A meeting's participants as a list: on paper, and as a spreadsheet."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.backoffice.spreadsheets import CSV, table_response
from networks.backoffice.attendance import PRESENCE_LABELS, MeetingPage, came_label
from networks.policies import SEE_MEMBERS, meeting_policy
from networks.services import attendance
from networks.services.attendance import Expected, by_organisation


class PrintListView(MeetingPage):
    """The list on paper: by municipality, with a box to tick."""

    name = "print"
    label = _("Print the list")
    icon_name = "list-ul"
    is_secondary = True
    template_name = "networks/backoffice/print_list.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        people = sorted(attendance.expected_at(self.instance), key=by_organisation)
        response: HttpResponseBase = self.render_to_response(
            self.get_context_data(people=people, printed_at=timezone.now())
        )
        return response


class ExportView(MeetingPage):
    """The list as a spreadsheet; addresses for those who look after the network's members."""

    name = "export"
    label = _("Export the participants")
    icon_name = "download"
    is_secondary = True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        with_address = meeting_policy.user_has_permission_for_instance(
            request.user, SEE_MEMBERS, self.instance
        )
        people = sorted(attendance.expected_at(self.instance), key=by_organisation)
        headings = [_("Municipality"), _("Name"), _("Job title"), _("Comes as"), _("Attendance")]
        if with_address:
            headings.append(_("E-mail"))
        table = [headings, *(_cells(person, with_address) for person in people)]
        name = f"deltagere-{self.instance.pk}"
        return table_response(table, file_format=request.GET.get("export", CSV), name=name)


def _cells(person: Expected, with_address: bool) -> list[Any]:
    cells = [
        person.organisation,
        person.name,
        person.job_title,
        PRESENCE_LABELS[person.presence],
        came_label(person.came),
    ]
    return [*cells, person.email] if with_address else cells
