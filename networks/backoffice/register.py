"""The register of processing in the administration: to read, to print, to take along."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import HeaderButton

from networks.models import ProcessingActivity
from networks.privacy_policies import register_policy
from networks.services.access_report import register_pdf
from networks.services.register import register


class RegisterView(WagtailAdminTemplateMixin, View):
    """Every activity, generated, with what the organisation added."""

    template_name = "networks/backoffice/register.html"
    page_title = _("Register of processing")
    header_icon = "list-ul"
    _show_breadcrumbs = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not register_policy.user_has_permission(request.user, "view"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        context = self.get_context_data(register=register())
        response: HttpResponseBase = self.render_to_response(context)
        return response

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        file = reverse("networks_register_file")
        buttons = [HeaderButton(_("As PDF"), url=file, icon_name="download", priority=10)]
        if register_policy.user_has_permission(self.request.user, "change"):
            own = reverse(activity_viewset.get_url_name("index"))
            buttons.append(HeaderButton(_("Own activities"), url=own, icon_name="edit"))
        return buttons


class RegisterFileView(RegisterView):
    def get(self, request: HttpRequest) -> HttpResponseBase:
        response = HttpResponse(register_pdf(), content_type="application/pdf")
        response["Content-Disposition"] = 'attachment; filename="fortegnelse.pdf"'
        return response


class RegisterMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(register_policy.user_has_permission(request.user, "view"))


class RegisterMenu:
    """The page's entry in a group of the menu."""

    def get_menu_item(self, order: int) -> MenuItem:
        return RegisterMenuItem(
            RegisterView.page_title,
            reverse_lazy("networks_register"),
            name="register",
            icon_name="list-ul",
            order=order,
        )


class ActivityViewSet(ModelViewSet):
    """What the organisation adds to the register."""

    model = ProcessingActivity
    name = "processing_activities"
    menu_label = _("Own activities")
    icon = "list-ul"
    copy_view_enabled = False
    inspect_view_enabled = False
    list_display = ["title", "network", "legal_basis", "kept"]
    search_fields = ["title", "purpose"]


activity_viewset = ActivityViewSet()

urlpatterns: list[URLPattern] = [
    path("privacy/register/", RegisterView.as_view(), name="networks_register"),
    path("privacy/register.pdf", RegisterFileView.as_view(), name="networks_register_file"),
]
