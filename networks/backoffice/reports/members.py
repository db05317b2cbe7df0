"""Members over time, and who joined and left."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.backoffice.charts import MOST_LINES, LineChart, Series, UpAndDownChart
from cms.backoffice.reports import Report, ReportColumn, ReportTable
from networks.backoffice.reports.choices import (
    NetworkReportView,
    day_text,
    month_text,
    short_month,
)
from networks.policies import membership_policy
from networks.services import statistics
from networks.services.statistics import MembersOverTime, Movement


class MembersReport(NetworkReportView):
    """For whoever sees memberships."""

    @classmethod
    def is_allowed(cls, user: Any) -> bool:
        return bool(membership_policy.user_has_permission(user, "view"))


class MembersOverTimeView(MembersReport):
    url_name = "report_members"
    page_title = _("Members over time")
    header_icon = "group"
    file_name = "medlemmer"
    explanation = _(
        "The members on the first of each month and on the last day of the period. A membership "
        "counts from the day on which it became active to its last day, both included."
    )

    def report(self, chosen: dict[str, Any]) -> Report:
        days = statistics.firsts_of_months(chosen["start"], chosen["end"])
        found = statistics.members_over_time(self.form.chosen_networks(), days)
        return Report([self.table(found)], self.picture(found), self.summary(found))

    def table(self, found: MembersOverTime) -> ReportTable:
        columns = [ReportColumn(_("Date"), day_text)]
        columns += [ReportColumn(network.title) for network in found.networks]
        lines = [found.of(network) for network in found.networks]
        if len(lines) > 1:
            columns.append(ReportColumn(_("Total")))
            lines.append(found.total)
        rows = [[day, *(line[at] for line in lines)] for at, day in enumerate(found.days)]
        return ReportTable("members", _("Members by date"), columns, rows)

    def picture(self, found: MembersOverTime) -> LineChart:
        """The largest networks at the end, and all together."""
        series = [Series(network.title, found.of(network)) for network in found.networks]
        series.sort(key=lambda each: -each.values[-1])
        if len(series) > 1:
            series = [Series(_t("All"), found.total), *series]
        said = [f"{each.label}: {each.values[-1]}" for each in series[:MOST_LINES]]
        return LineChart(
            _("Members over time"),
            _t("On %(day)s: %(numbers)s. The table holds every number.")
            % {"day": day_text(found.days[-1]), "numbers": "; ".join(said)},
            ticks=[short_month(day) for day in found.days],
            series=series,
        )

    def summary(self, found: MembersOverTime) -> str:
        return _t("%(number)s members on %(day)s; %(before)s on %(first)s.") % {
            "number": found.total[-1],
            "day": day_text(found.days[-1]),
            "before": found.total[0],
            "first": day_text(found.days[0]),
        }


MOVEMENT_HEADINGS = (_("Before"), _("Joined"), _("Left"), _("After"))


class MovementsView(MembersReport):
    url_name = "report_movements"
    page_title = _("Joiners and leavers")
    header_icon = "redirect"
    file_name = "til-og-afgang"
    explanation = _(
        "Who became a member and whose membership ended, by its last day. Before: the members that "
        "went on into the month. After: those that go on after it."
    )

    def report(self, chosen: dict[str, Any]) -> Report:
        networks = self.form.chosen_networks()
        found = statistics.movements(networks, chosen["start"], chosen["end"])
        columns = [ReportColumn(heading) for heading in MOVEMENT_HEADINGS]
        total = _total(found.networks)
        months = ReportTable(
            "months",
            _("By month"),
            [ReportColumn(_("Month"), _text, _text), *columns],
            [_cells(row) for row in found.months],
            [_t("Total"), *total],
        )
        by_network = ReportTable(
            "networks",
            _("By network"),
            [ReportColumn(_("Network")), *columns],
            [[row.label.title, *_cells(row)[1:]] for row in found.networks],  # type: ignore[union-attr]
            [_t("Total"), *total],
        )
        return Report([months, by_network], self.picture(found), self.summary(total))

    def picture(self, found: statistics.Movements) -> UpAndDownChart:
        joined, left = ([getattr(row, name) for row in found.months] for name in ("joined", "left"))
        return UpAndDownChart(
            _("Joiners and leavers by month"),
            _t("In all %(joined)s joined and %(left)s left. The table holds every number.")
            % {"joined": sum(joined), "left": sum(left)},
            ticks=[short_month(row.label) for row in found.months],
            parts=(_("Joined"), _("Left")),
            up=joined,
            down=left,
        )

    def summary(self, total: list[int]) -> str:
        before, joined, left, after = total
        return _t("%(joined)s joined and %(left)s left: from %(before)s members to %(after)s.") % {
            "joined": joined,
            "left": left,
            "before": before,
            "after": after,
        }


def _cells(row: Movement) -> list[Any]:
    return [row.label, row.before, row.joined, row.left, row.after]


def _total(rows: Any) -> list[int]:
    return [
        sum(getattr(row, name) for row in rows) for name in ("before", "joined", "left", "after")
    ]


def _text(label: Any) -> str:
    return label if isinstance(label, str) else month_text(label)
