"""Importing members from a list: the file, and what its columns are."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from networks.backoffice.actions import ServicePage
from networks.backoffice.import_forms import ColumnsForm, UploadForm
from networks.backoffice.import_pages import ImportPage, WaitingPage
from networks.backoffice.import_wording import COLUMN_LABELS, fault_text
from networks.rules.import_files import Unreadable
from networks.services import importing


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
        return {
            "season": self.waiting.season_id,
            "organisation_kind": self.waiting.organisation_kind,
        }

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = self.get_form()
        assert isinstance(form, ColumnsForm)
        if form.is_valid():
            importing.choose(self.waiting, form.columns, form.cleaned_data.get("season"), form.kind)
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
