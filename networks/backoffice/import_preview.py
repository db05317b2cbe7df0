"""What becomes of each row of a list, and the yes to it."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.paginator import WagtailPaginator

from cms.backoffice.listing import CRITICAL, NEUTRAL, POSITIVE, status_tag
from cms.backoffice.spreadsheets import CSV, table_response
from networks.backoffice.actions import ServicePage
from networks.backoffice.import_forms import TakeInForm
from networks.backoffice.import_pages import WaitingPage
from networks.backoffice.import_run import said_of
from networks.backoffice.import_wording import (
    FATE_LABELS,
    facts_text,
    member_name,
    outcome_text,
)
from networks.rules.importing import Fate, Outcome
from networks.services import importing, taking_in

ROWS_ON_A_PAGE = 100
FATE_TONES = {Fate.ERROR: CRITICAL, Fate.MEMBER: POSITIVE, Fate.PARTICIPANT: POSITIVE}
ROW_LABELS = {
    Fate.ERROR: _("Error"),
    Fate.MEMBER: _("New membership"),
    Fate.PARTICIPANT: _("Participant"),
    Fate.NOTHING: _("Nothing happens"),
}


class ImportPreviewView(ServicePage, WaitingPage):
    """What becomes of each row; POST takes the list in, all of it or nothing."""

    name = "import_preview"
    path = r"import/(?P<import_id>[0-9a-f-]{36})/preview"
    label = _("What becomes of each row")
    template_name = "networks/backoffice/import_preview.html"
    form_class = TakeInForm

    success_url = ""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if not importing.is_ready(self.waiting):
            return redirect(self.url_of("import_columns"))
        return super().get(request)

    @cached_property
    def outlook(self) -> importing.Outlook:
        return importing.outlook(self.waiting)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "exceeds": self.outlook.exceeds}

    def get_initial(self) -> dict[str, Any]:
        return {"digest": self.outlook.plan.digest}

    def show(self, form: Any) -> HttpResponseBase:
        """What is shown is what is said yes to, also after something has changed."""
        if form.is_bound:
            form.data = {**form.data.dict(), "digest": self.outlook.plan.digest}
        return super().show(form)

    def perform(self, data: dict[str, Any]) -> Any:
        network = self.waiting.network_id
        try:
            taken = taking_in.begin(
                self.waiting.pk,
                digest=data["digest"],
                actor=self.actor,
                reason=data["reason"],
                above_capacity=data.get("above_capacity", False),
            )
        except taking_in.Changed:
            del self.outlook
            raise
        if taken is None:
            self.success_url = self.url_of("import_run")
            return _("Begun: see how far it is.")
        self.success_url = f"{self.model_admin.row_url('index')}?network={network}"
        return said_of(taken)

    def get_success_url(self) -> str:
        return self.success_url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        outlook, counts = self.outlook, self.outlook.plan.counts
        asked = self.request.GET.get("fate")
        chosen = Fate(asked) if asked in set(Fate) else None
        page = WagtailPaginator(self._shown(chosen), ROWS_ON_A_PAGE).get_page(
            self.request.GET.get("p")
        )
        context: dict[str, Any] = super().get_context_data(
            **{
                "network": self.waiting.network,
                "season": self.waiting.season,
                "refusal": self.waiting.refusal,
                "is_long": len(self.waiting.rows) > taking_in.AT_ONCE,
                "outlook": outlook,
                "counts": [(fate, label, counts[fate]) for fate, label in FATE_LABELS.items()],
                "total": len(outlook.plan.outcomes),
                "chosen": FATE_LABELS[chosen] if chosen else None,
                "rows": [self._row(each) for each in page.object_list],
                "page_obj": page,
                "elided_page_range": page.paginator.get_elided_page_range(page.number),
                "list_url": self.url_of("import_preview"),
                "columns_url": self.url_of("import_columns"),
                "errors_url": self.url_of("import_errors"),
                "again_url": self.model_admin.row_url("import"),
                **kwargs,
            }
        )
        return context

    def _shown(self, chosen: Fate | None) -> Sequence[Outcome]:
        """Of all the rows those with errors come first: they are what is to be done."""
        plan = self.outlook.plan
        if chosen is not None:
            return [each for each in plan.outcomes if each.fate == chosen]
        return [*plan.errors, *(each for each in plan.outcomes if each.fate != Fate.ERROR)]

    def _row(self, outcome: Outcome) -> dict[str, Any]:
        context = self.outlook.context
        _member, name, email = outcome.said
        tone = FATE_TONES.get(outcome.fate, NEUTRAL)
        return {
            "number": outcome.row,
            "member": member_name(outcome, context),
            "name": name,
            "email": email,
            "state": status_tag(ROW_LABELS[outcome.fate], tone),
            "text": outcome_text(outcome, context),
            "facts": facts_text(outcome, context),
        }


class ImportErrorsView(WaitingPage):
    """The rows with errors, to be mended in the list."""

    name = "import_errors"
    path = r"import/(?P<import_id>[0-9a-f-]{36})/errors"
    label = _("Errors")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        outlook = importing.outlook(self.waiting)
        headings = [_t("Row"), _t("Reason"), _t("Member"), _t("Name"), _t("E-mail")]
        lines = [
            [
                each.row,
                outcome_text(each, outlook.context),
                member_name(each, outlook.context),
                *each.said[1:],
            ]
            for each in outlook.plan.errors
        ]
        return table_response([headings, *lines], file_format=CSV, name=_t("import-errors"))
