"""Reports: a choice in the address, a picture, and tables that can be downloaded as they stand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse
from django.views import View
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from cms.backoffice.charts import Picture
from cms.backoffice.spreadsheets import CSV, XLSX, table_response


def as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class ReportColumn:
    """How its values are shown, and what a spreadsheet gets of them: the same numbers."""

    heading: Any
    shown: Callable[[Any], Any] = as_it_is
    exported: Callable[[Any], Any] = as_it_is
    #: Words stand to the left, numbers to the right; the first column is always words.
    is_text: bool = False


@dataclass(frozen=True)
class ReportTable:
    """``rows``: a value for each column; the first names the row. ``total``: the last line."""

    key: str
    heading: Any
    columns: Sequence[ReportColumn]
    rows: Sequence[Sequence[Any]]
    total: Sequence[Any] | None = None
    note: Any = ""

    @property
    def lines(self) -> list[Sequence[Any]]:
        return [*self.rows, *([self.total] if self.total else [])]

    def shown(self) -> list[list[Any]]:
        return [
            [self._shown(column, value) for column, value in zip(self.columns, row, strict=True)]
            for row in self.lines
        ]

    def cells(self) -> list[list[tuple[ReportColumn, Any]]]:
        """Each shown value with its column."""
        return [list(zip(self.columns, row, strict=True)) for row in self.shown()]

    @staticmethod
    def _shown(column: ReportColumn, value: Any) -> Any:
        return "–" if value is None else column.shown(value)

    def exported(self) -> list[list[Any]]:
        return [
            [column.heading for column in self.columns],
            *(
                [
                    None if value is None else column.exported(value)
                    for column, value in zip(self.columns, row, strict=True)
                ]
                for row in self.lines
            ),
        ]


@dataclass(frozen=True)
class Report:
    """``summary``: what it comes to, in a sentence above the picture."""

    tables: Sequence[ReportTable]
    picture: Picture | None = None
    summary: Any = ""


class ReportView(WagtailAdminTemplateMixin, View):
    """A report for those that ``is_allowed`` says. GET alone; what is chosen stands in the
    address, so that it can be kept and shared."""

    template_name = "cms/backoffice/report.html"
    url_name: ClassVar[str]
    page_title: Any = ""
    header_icon = "site"
    explanation: Any = ""
    form_class: type[forms.Form]
    #: Of the file that is downloaded.
    file_name: ClassVar[str] = "rapport"

    @classmethod
    def is_allowed(cls, user: Any) -> bool:
        raise NotImplementedError

    def report(self, chosen: dict[str, Any]) -> Report:
        raise NotImplementedError

    def get_form(self) -> forms.Form:
        """Bound to what was chosen, the rest as usual."""
        form = self.form_class(**self.get_form_kwargs())
        usual = {
            name: form.get_initial_for_field(field, name) for name, field in form.fields.items()
        }
        given = {
            name: self.request.GET.get(name) for name in form.fields if name in self.request.GET
        }
        return self.form_class({**usual, **given}, **self.get_form_kwargs())

    def get_form_kwargs(self) -> dict[str, Any]:
        return {}

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if not self.is_allowed(request.user):
            raise PermissionDenied
        form = self.get_form()
        report = self.report(form.cleaned_data) if form.is_valid() else None
        table = self._asked_for(report)
        if table is not None:
            file_format = XLSX if request.GET.get("format") == XLSX else CSV
            name = f"{self.file_name}-{table.key}"
            return table_response(table.exported(), file_format=file_format, name=name)
        response: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                form=form, report=report, explanation=self.explanation, query=self._query()
            )
        )
        return response

    def _asked_for(self, report: Report | None) -> ReportTable | None:
        wanted = self.request.GET.get("export", "")
        tables = report.tables if report and wanted else ()
        return next((table for table in tables if table.key == wanted), None)

    def _query(self) -> str:
        """What was chosen, for the addresses of the downloads."""
        query: QueryDict = self.request.GET.copy()
        for name in ("export", "format"):
            query.pop(name, None)
        return f"{query.urlencode()}&" if query else ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]


class ReportMenuItem(MenuItem):
    """A report's entry in the menu, for those who may open it."""

    def __init__(self, view: type[ReportView], order: int) -> None:
        self.view = view
        super().__init__(
            view.page_title,
            reverse(view.url_name),
            name=view.url_name.replace("_", "-"),
            icon_name=view.header_icon,
            order=order,
        )

    def is_shown(self, request: HttpRequest) -> bool:
        return self.view.is_allowed(request.user)
