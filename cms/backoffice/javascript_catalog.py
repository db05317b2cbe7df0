"""The texts of Wagtail's editor in the browser, with our Danish over Wagtail's own."""

from django.http import HttpRequest, HttpResponse
from django.views.i18n import JavaScriptCatalog
from wagtail.admin.localization import get_localized_response

_catalog = JavaScriptCatalog.as_view(packages=["wagtail.admin", "cms"])


def javascript_catalog(request: HttpRequest) -> HttpResponse:
    """Like Wagtail's view at the same address: in the language that the user chose."""
    response: HttpResponse = get_localized_response(_catalog, request)
    return response
