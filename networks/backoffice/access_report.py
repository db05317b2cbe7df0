"""All that is kept about a person, for administrators with the right to take it out."""

from typing import Any

from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets.button import HeaderButton

from cms import access_log
from cms.access_log import AccessKind
from cms.audit import reference
from cms.backoffice.rows import RowPage
from networks.models import Person
from networks.services import access_report, personal_data


class AccessReportView(RowPage):
    """On the screen, with buttons for the files."""

    name = "report"
    permission = "report"
    label = _("Access report")
    icon_name = "doc-full"
    is_secondary = True
    template_name = "networks/backoffice/access_report.html"
    instance: Person
    kind = AccessKind.REPORT

    @classmethod
    def fits(cls, instance: Person) -> bool:
        return instance.erased_at is None

    def get(self, request: HttpRequest) -> HttpResponseBase:
        response = self.answer()
        access_log.note(request.user, self.kind, subject=reference(self.instance))
        return response

    def answer(self) -> HttpResponseBase:
        sections = personal_data.sections_about(self.instance.email, for_staff=True)
        context = self.get_context_data(sections=sections, person=self.instance)
        response: HttpResponseBase = self.render_to_response(context)
        return response

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        key = quote(self.instance.pk)
        return [
            HeaderButton(label, url=self.model_admin.row_url(name, key), icon_name="download")
            for label, name in ((_("As PDF"), "report_pdf"), (_("As JSON"), "report_json"))
        ]


class AccessReportFile(AccessReportView):
    """Reached from the report."""

    kind = AccessKind.DOWNLOAD
    extension = ""

    @classmethod
    def fits(cls, instance: Person) -> bool:
        """Offered by the report alone."""
        return False

    def answer(self) -> HttpResponseBase:
        response = self.file()
        name = f"indsigt-{self.instance.pk}.{self.extension}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def file(self) -> HttpResponse:
        raise NotImplementedError


class AccessReportPDF(AccessReportFile):
    name, extension = "report_pdf", "pdf"

    def file(self) -> HttpResponse:
        content = access_report.as_pdf(self.instance.email, for_staff=True)
        return HttpResponse(content, content_type="application/pdf")


class AccessReportJSON(AccessReportFile):
    name, extension = "report_json", "json"

    def file(self) -> HttpResponse:
        content: dict[str, Any] = personal_data.as_json(self.instance.email, for_staff=True)
        parameters = {"ensure_ascii": False, "indent": 1}
        return JsonResponse(content, json_dumps_params=parameters)


ACCESS_REPORT = (AccessReportView, AccessReportPDF, AccessReportJSON)
