"""The rows chosen in a list, as a file: how many they are, and in which format."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from wagtail.admin.utils import get_valid_next_url_from_request

from cms.backoffice.rows import BackofficeView


class ExportView(BackofficeView):
    """Wagtail's checkboxes lead here with the keys alone (``id``, or ``id=all`` and the filter)."""

    name = "export"
    permission = "export"
    label = _("Export the rows chosen")
    icon_name = "download"
    template_name = "cms/backoffice/export.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        number = self.rows().order_by().count()
        if not number:
            raise Http404
        response: HttpResponseBase = self.render_to_response(self.get_context_data(number=number))
        return response

    def rows(self) -> QuerySet[Any]:
        listing = self.model_admin.index_view_class(model_admin=self.model_admin)
        listing.setup(self.request)
        rows: QuerySet[Any] = listing.chosen_rows()
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        index = self.model_admin.row_url("index")
        back = get_valid_next_url_from_request(self.request) or index
        query = self.request.GET.copy()
        query.pop("next", None)
        files = [
            (label, f"{index}?{query.urlencode()}&export={name}")
            for name, label in (("xlsx", "Excel (XLSX)"), ("csv", "CSV"))
        ]
        context: dict[str, Any] = super().get_context_data(
            **{"files": files, "back_url": back, **kwargs}
        )
        return context
