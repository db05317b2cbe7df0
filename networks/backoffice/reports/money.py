"""Revenue and what is outstanding, by season. For those who see charges."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.backoffice.charts import Bar, BarChart
from cms.backoffice.reports import Report, ReportColumn, ReportTable
from networks.backoffice.reports.choices import NetworkReportView, PeriodForm
from networks.models import NetworkPage
from networks.policies import charge_scopes
from networks.services.scopes import network_key
from networks.services.statistics_money import SeasonMoney, money_by_season, total_of
from payments import money
from payments.policies import charge_policy

#: Bars in the picture: the table has all.
BARS_AT_MOST = 24
AMOUNTS = (
    ("net", _("Charged excl. VAT")),
    ("credited_net", _("Credited excl. VAT")),
    ("revenue_net", _("Revenue excl. VAT")),
    ("revenue_gross", _("Revenue incl. VAT")),
    ("paid", _("Paid incl. VAT")),
    ("outstanding", _("Outstanding incl. VAT")),
)


class YearsForm(PeriodForm):
    """Unless said: from the year before last to the end of the next, whose fees may be charged."""

    def usual(self, today: date) -> tuple[date, date]:
        return date(today.year - 2, 1, 1), date(today.year + 1, 12, 31)


def kroner(amount: int) -> float:
    return amount / 100


class RevenueView(NetworkReportView):
    url_name = "report_revenue"
    page_title = _("Revenue by season")
    header_icon = "calculator"
    file_name = "omsaetning"
    form_class = YearsForm
    explanation = _(
        "Charges of the seasons that have a day in the period, less what was credited. Paid and "
        "outstanding are incl. VAT and make up the revenue incl. VAT."
    )

    @classmethod
    def is_allowed(cls, user: Any) -> bool:
        return bool(charge_policy.user_has_permission(user, "view"))

    @classmethod
    def networks(cls, user: Any) -> QuerySet[NetworkPage]:
        """Those whose charges the user may see: finance sees every network's."""
        networks = NetworkPage.objects.filter(alias_of__isnull=True).order_by("title")
        scopes = charge_scopes(user)
        if scopes is None:
            return networks
        return networks.filter(pk__in=[network_key(scope) for scope in scopes])

    def report(self, chosen: dict[str, Any]) -> Report:
        charges = charge_policy.instances_user_has_permission_for(self.request.user, "view")
        networks = self.form.chosen_networks()
        rows = money_by_season(charges, networks, chosen["start"], chosen["end"])
        with_price = [row for row in rows if row.charges or _has_fee(row)]
        return Report([self.table(with_price)], self.picture(with_price), self.summary(rows))

    def table(self, rows: list[SeasonMoney]) -> ReportTable:
        columns = [
            ReportColumn(_("Season")),
            ReportColumn(_("Charges")),
            *(ReportColumn(label, money.format_kroner, kroner) for _name, label in AMOUNTS),
        ]
        names = ("charges", *(name for name, _label in AMOUNTS))
        return ReportTable(
            "seasons",
            _("By season"),
            columns,
            [[_label(row), *(getattr(row, name) for name in names)] for row in rows],
            [_t("Total"), *(total_of(rows, name) for name in names)],
        )

    def picture(self, rows: list[SeasonMoney]) -> BarChart:
        bars = [
            Bar(
                f"{_season(row)}, {row.network.title}",
                (row.paid, row.outstanding),
                f"{money.format_kroner(row.paid)} / {money.format_kroner(row.outstanding)}",
            )
            for row in rows
            if row.paid or row.outstanding
        ]
        return BarChart(
            _("Paid and outstanding by season"),
            self.summary(rows) + " " + _t("The table holds every number."),
            parts=(_("Paid incl. VAT"), _("Outstanding incl. VAT")),
            bars=bars[:BARS_AT_MOST],
        )

    def summary(self, rows: list[SeasonMoney]) -> str:
        return _t(
            "%(revenue)s in revenue incl. VAT: %(paid)s paid, %(outstanding)s outstanding."
        ) % {
            "revenue": money.format_kroner(total_of(rows, "revenue_gross")),
            "paid": money.format_kroner(total_of(rows, "paid")),
            "outstanding": money.format_kroner(total_of(rows, "outstanding")),
        }


def _has_fee(row: SeasonMoney) -> bool:
    return row.season is not None and row.season.tariff != "free"


def _label(row: SeasonMoney) -> str:
    return f"{row.network.title}: {_season(row)}"


def _season(row: SeasonMoney) -> str:
    return row.season.name if row.season else _t("no season")
