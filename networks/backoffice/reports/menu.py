"""The reports' addresses and their entries in Wagtail's menu of reports."""

from django.urls import URLPattern, path
from wagtail.admin.menu import MenuItem

from cms.backoffice.reports import ReportMenuItem, ReportView
from networks.backoffice.reports.attendance import AttendanceReportView
from networks.backoffice.reports.coverage import CoverageView
from networks.backoffice.reports.members import MembersOverTimeView, MovementsView
from networks.backoffice.reports.money import RevenueView

#: In the order of the menu, before Wagtail's own.
REPORTS: dict[str, type[ReportView]] = {
    "members": MembersOverTimeView,
    "joiners-and-leavers": MovementsView,
    "coverage": CoverageView,
    "attendance": AttendanceReportView,
    "revenue": RevenueView,
}

urlpatterns: list[URLPattern] = [
    path(f"reports/{name}/", view.as_view(), name=view.url_name) for name, view in REPORTS.items()
]


def menu_items() -> list[MenuItem]:
    return [ReportMenuItem(view, order) for order, view in enumerate(REPORTS.values(), start=10)]
