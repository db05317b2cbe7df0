"""Coverage: which municipalities are members on a day, as a map of tiles and by region."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.backoffice.reports import Report, ReportColumn, ReportTable
from networks.backoffice.reports.choices import DayInput, NetworkForm, day_text
from networks.backoffice.reports.members import MembersReport
from networks.backoffice.reports.tile_map import STANDING_LABELS, TileMap
from networks.services import statistics_coverage as statistics
from networks.services.statistics_coverage import Covered, RegionCoverage, Standing


class DayForm(NetworkForm):
    day = forms.DateField(label=_("On"), widget=DayInput, input_formats=["%Y-%m-%d"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = timezone.localdate()


def percent(number: int) -> str:
    return f"{number} %"


class CoverageView(MembersReport):
    url_name = "report_coverage"
    page_title = _("Coverage of the municipalities")
    header_icon = "globe"
    file_name = "daekning"
    form_class = DayForm
    explanation = _(
        "How each municipality stands on the day, in the network or in any of them; persons count "
        "for their municipality. On a day to come: as far as it is known today. The regions are "
        "those of the day: from 1 January 2027 Hovedstaden and Sjælland are Østdanmark."
    )

    def report(self, chosen: dict[str, Any]) -> Report:
        rows = statistics.coverage(self.form.chosen_networks(), chosen["day"])
        total = statistics.in_all(rows)
        summary = _t("%(members)s of %(all)s municipalities are members on %(day)s.") % {
            "members": total.numbers[Standing.MEMBER],
            "all": total.municipalities,
            "day": day_text(chosen["day"]),
        }
        tables = [self.regions(rows, total), self.municipalities(rows)]
        return Report(tables, self.picture(rows, total), summary)

    def picture(self, rows: Sequence[Covered], total: RegionCoverage) -> TileMap:
        said = [f"{label}: {total.numbers[each]}" for each, label in STANDING_LABELS.items()]
        return TileMap(
            _("Coverage of the municipalities"),
            _t(
                "A tile for each municipality, about where it lies. %(numbers)s. "
                "The tables name them."
            )
            % {"numbers": "; ".join(said)},
            rows,
        )

    def regions(self, rows: Sequence[Covered], total: RegionCoverage) -> ReportTable:
        columns = [
            ReportColumn(_("Region")),
            ReportColumn(_("Municipalities")),
            *(ReportColumn(label) for label in STANDING_LABELS.values()),
            ReportColumn(_("Members among the municipalities"), percent),
            ReportColumn(_("Of the population"), percent),
        ]
        return ReportTable(
            "regions",
            _("By region"),
            columns,
            [_cells(each.region, each) for each in statistics.by_region(rows)],
            _cells(_t("Total"), total),
        )

    def municipalities(self, rows: Sequence[Covered]) -> ReportTable:
        columns = [
            ReportColumn(_("Municipality")),
            ReportColumn(_("Region"), is_text=True),
            ReportColumn(_("State"), is_text=True),
        ]
        lines = [[row.municipality.name, row.region, STANDING_LABELS[row.standing]] for row in rows]
        return ReportTable("municipalities", _("By municipality"), columns, lines)


def _cells(label: str, row: RegionCoverage) -> list[Any]:
    numbers = [row.numbers[standing] for standing in STANDING_LABELS]
    return [label, row.municipalities, *numbers, row.share, row.population_share]
