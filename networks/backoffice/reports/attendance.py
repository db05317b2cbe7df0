"""Attendance: how the meetings of a period were attended."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.backoffice.charts import Bar, BarChart
from cms.backoffice.reports import Report, ReportColumn, ReportTable
from networks.backoffice.participation import MEETING_CELLS, MEETING_HEADINGS
from networks.backoffice.reports.choices import NetworkReportView
from networks.policies import SEE_MEMBERS, meeting_policy
from networks.rules.attendance import rate
from networks.services.participation import MeetingTurnout
from networks.services.statistics_attendance import held_meetings, turnouts

#: Bars in the picture: the table has all.
BARS_AT_MOST = 24


class AttendanceReportView(NetworkReportView):
    url_name = "report_attendance"
    page_title = _("Attendance by meeting")
    header_icon = "date"
    file_name = "fremmoede"
    explanation = _(
        "The meetings held in the period; cancelled ones are left out. The turnout is counted "
        "among those whose attendance was noted; guests are not part of it."
    )

    @classmethod
    def is_allowed(cls, user: Any) -> bool:
        return meeting_policy.user_has_permission(user, SEE_MEMBERS)

    def report(self, chosen: dict[str, Any]) -> Report:
        networks = self.form.chosen_networks()
        rows = turnouts(held_meetings(networks, chosen["start"], chosen["end"]))
        return Report([self.table(rows)], self.picture(rows), self.summary(rows))

    def table(self, rows: Sequence[MeetingTurnout]) -> ReportTable:
        columns = [
            ReportColumn(MEETING_HEADINGS[0]),
            ReportColumn(_("Network"), is_text=True),
            *(ReportColumn(heading) for heading in MEETING_HEADINGS[1:]),
        ]
        return ReportTable(
            "meetings",
            _("By meeting"),
            columns,
            [[row.meeting.label, row.meeting.season.page.title, *_numbers(row)] for row in rows],
            [_t("Total"), "", *_total(rows)],
        )

    def picture(self, rows: Sequence[MeetingTurnout]) -> BarChart:
        bars = [
            Bar(
                row.meeting.label,
                (row.came, row.stayed_away, row.not_noted),
                f"{row.came} / {row.stayed_away} / {row.not_noted}",
            )
            for row in rows[:BARS_AT_MOST]
        ]
        return BarChart(
            _("Attendance by meeting"),
            self.summary(rows) + " " + _t("The table holds every number."),
            parts=(_("Came"), _("Did not come"), _("Not noted")),
            bars=bars,
        )

    def summary(self, rows: Sequence[MeetingTurnout]) -> str:
        named, came, *_rest = _total(rows)
        return _t("%(meetings)s meetings: %(named)s were named, %(came)s came.") % {
            "meetings": len(rows),
            "named": named,
            "came": came,
        }


def _numbers(row: MeetingTurnout) -> list[int | None]:
    return [getattr(row, name) for name in MEETING_CELLS]


def _total(rows: Sequence[MeetingTurnout]) -> list[int | None]:
    sums = {
        name: sum(getattr(row, name) for row in rows) for name in MEETING_CELLS if name != "rate"
    }
    sums["rate"] = rate(sums["came"], sums["stayed_away"])
    return [sums[name] for name in MEETING_CELLS]
