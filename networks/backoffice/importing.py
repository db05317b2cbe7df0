"""Importing members from a list: the file, its columns, what becomes of each row, and the yes."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin import messages
from wagtail.admin.paginator import WagtailPaginator

from cms.backoffice.listing import CRITICAL, NEUTRAL, POSITIVE, status_tag
from cms.backoffice.rows import BackofficeView
from cms.backoffice.spreadsheets import CSV, table_response
from networks.backoffice.actions import ServicePage
from networks.backoffice.import_forms import ColumnsForm, TakeInForm, UploadForm
from networks.backoffice.import_wording import (
    COLUMN_LABELS,
    FATE_LABELS,
    fault_text,
    member_name,
    outcome_text,
)
from networks.models import MemberImport, NetworkPage
from networks.policies import visible_networks
from networks.rules.import_files import Unreadable
from networks.rules.importing import Fate, Outcome
from networks.services import importing

ROWS_ON_A_PAGE = 100
FATE_TONES = {Fate.ERROR: CRITICAL, Fate.MEMBER: POSITIVE, Fate.PARTICIPANT: POSITIVE}
ROW_LABELS = {
    Fate.ERROR: _("Error"),
    Fate.MEMBER: _("New membership"),
    Fate.PARTICIPANT: _("Participant"),
    Fate.NOTHING: _("Nothing happens"),
}


class ImportPage(BackofficeView):
    """For whoever may add memberships, and import them."""

    permission = "import"
    label = _("Import members")
    icon_name = "upload"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.policy.user_has_permission(request.user, "add"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def networks(self) -> QuerySet[NetworkPage]:
        return visible_networks(self.request.user).filter(live=True)


class WaitingPage(ImportPage):
    """About a list that the user has uploaded; anybody else's is not found."""

    import_id: str = ""

    @cached_property
    def waiting(self) -> MemberImport:
        mine = MemberImport.objects.waiting().filter(
            user_id=self.request.user.pk or 0, network__in=self.networks.order_by()
        )
        try:
            return mine.select_related("network", "season").get(pk=self.import_id)
        except (MemberImport.DoesNotExist, ValidationError) as error:
            raise Http404 from error

    def url_of(self, page: str) -> str:
        return str(self.model_admin.row_url(page, self.waiting.pk))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.request = request
        return super().dispatch(request, *args, **kwargs)


class ImportView(ServicePage, ImportPage):
    """The file and the network."""

    name = "import"
    template_name = "networks/backoffice/import.html"
    form_class = UploadForm

    def get_form_kwargs(self) -> dict[str, Any]:
        files = self.request.FILES if self.request.method == "POST" else None
        return {**super().get_form_kwargs(), "files": files, "networks": self.networks}

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = self.get_form()
        if form.is_valid():
            try:
                waiting = importing.upload(
                    form.cleaned_data["file"].read(),
                    network=form.cleaned_data["network"].facts,
                    actor=self.actor,
                )
            except Unreadable as error:
                form.add_error("file", fault_text(error.fault))
            else:
                return redirect(self.model_admin.row_url("import_columns", waiting.pk))
        messages.error(request, _("It could not be done: see the errors below."))
        return self.show(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(
            **{
                "explanation": _(
                    "Nothing is taken in before you have seen what becomes of each row. No mail is "
                    "sent, and nothing is charged."
                ),
                "columns": COLUMN_LABELS.values(),
                "submit_label": _("Continue"),
                "cancel_url": self.model_admin.row_url("index"),
                **kwargs,
            }
        )
        return context


class ImportColumnsView(ServicePage, WaitingPage):
    """What the columns are, as far as their headings don't tell."""

    name = "import_columns"
    path = r"import/(?P<import_id>[0-9a-f-]{36})"
    label = _("Columns of the list")
    template_name = "networks/backoffice/import_columns.html"
    form_class = ColumnsForm
    form: ColumnsForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "waiting": self.waiting}

    def get_initial(self) -> dict[str, Any]:
        return {"season": self.waiting.season_id}

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = self.get_form()
        assert isinstance(form, ColumnsForm)
        if form.is_valid():
            importing.choose(self.waiting, form.columns, form.cleaned_data.get("season"))
            return redirect(self.url_of("import_preview"))
        messages.error(request, _("It could not be done: see the errors below."))
        return self.show(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(
            **{
                "network": self.waiting.network,
                "number": len(self.waiting.rows),
                "cancel_url": self.model_admin.row_url("import"),
                **kwargs,
            }
        )
        return context


class ImportPreviewView(ServicePage, WaitingPage):
    """What becomes of each row; POST takes the list in, all of it or nothing."""

    name = "import_preview"
    path = r"import/(?P<import_id>[0-9a-f-]{36})/preview"
    label = _("What becomes of each row")
    template_name = "networks/backoffice/import_preview.html"
    form_class = TakeInForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.success_url = self.model_admin.row_url("index")
        return super().dispatch(request, *args, **kwargs)

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

    def perform(self, data: dict[str, Any]) -> str:
        network = self.waiting.network_id
        try:
            taken = importing.take_in(
                self.waiting.pk,
                digest=data["digest"],
                actor=self.actor,
                reason=data["reason"],
                above_capacity=data.get("above_capacity", False),
            )
        except importing.Changed:
            del self.outlook
            raise
        self.success_url = f"{self.model_admin.row_url('index')}?network={network}"
        return said_of(taken)

    def get_success_url(self) -> str:
        return self.success_url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        outlook, counts = self.outlook, self.outlook.plan.counts
        asked = self.request.GET.get("fate")
        chosen = Fate(asked) if asked in set(Fate) else None
        shown = [each for each in outlook.plan.outcomes if chosen in (None, each.fate)]
        page = WagtailPaginator(shown, ROWS_ON_A_PAGE).get_page(self.request.GET.get("p"))
        context: dict[str, Any] = super().get_context_data(
            **{
                "network": self.waiting.network,
                "season": self.waiting.season,
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


def said_of(taken: importing.Taken) -> str:
    """What was done, in a sentence."""
    members = ngettext("%(number)s new membership", "%(number)s new memberships", taken.members)
    others = ngettext(
        "%(number)s participant added to memberships that were there",
        "%(number)s participants added to memberships that were there",
        taken.participants,
    )
    parts = [(members, taken.members), (others, taken.participants)]
    done = ", ".join(text % {"number": number} for text, number in parts if number)
    if not done:
        return _t("Everything in the list is there already: nothing is left to do.")
    return _t("Taken in: %(what)s.") % {"what": done}
