"""A meeting's participants on paper (list and badges), and as a spreadsheet."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from cms.backoffice.spreadsheets import CSV, table_response
from networks.backoffice.attendance import PRESENCE_LABELS, MeetingPage, came_label
from networks.backoffice.papers.badges import badges
from networks.backoffice.papers.participant_list import participant_list
from networks.policies import SEE_MEMBERS, meeting_policy
from networks.services import attendance
from networks.services.attendance import Expected, by_organisation

PDF = "pdf"


class PrintListView(MeetingPage):
    """The list on paper: by municipality, with a box to tick."""

    name = "print"
    label = _("Print the list")
    icon_name = "list-ul"
    is_secondary = True
    template_name = "networks/backoffice/print_list.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        people = sorted(attendance.expected_at(self.instance), key=by_organisation)
        context = self.get_context_data(people=people, printed_at=timezone.now())
        if request.GET.get("format") == PDF:
            facts = {name: context[name] for name in ("when", "place", "printed_at")}
            content = participant_list(self.instance, people, **facts)
            return pdf_response(content, f"deltagerliste-{self.instance.pk}")
        response: HttpResponseBase = self.render_to_response(context)
        return response


class BadgesView(MeetingPage):
    """A badge for everybody who is expected, by name, as PDF."""

    name = "badges"
    label = _("Badges (PDF)")
    icon_name = "tag"
    is_secondary = True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        people = attendance.expected_at(self.instance)
        if not people:
            messages.warning(request, _("No participants are named yet."))
            return redirect(self.inspect_url)
        return pdf_response(badges(self.instance, people), f"navneskilte-{self.instance.pk}")


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """Shown by the browser, which prints it."""
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )


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
