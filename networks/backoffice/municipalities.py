"""Municipalities in the administration: a look-up, with the mail domains that members have."""

from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import EditView
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button

from networks.backoffice.filters import region_field
from networks.backoffice.mergers import MergerView, may_merge
from networks.backoffice.municipality_page import MunicipalityInspectView
from networks.models import Municipality


def region_today(municipality: Municipality) -> str:
    return str(getattr(municipality, region_field()))


class MergeButton:
    """Leads from a municipality's page to merging it into another."""

    @property
    def header_more_buttons(self) -> list[Any]:
        buttons = list(super().header_more_buttons)  # type: ignore[misc]
        row, user = self.object, self.request.user  # type: ignore[attr-defined]
        if row.merged_into_id is None and may_merge(user):
            address = reverse("municipalities:merge", args=[row.pk])
            label = _("Merge into another municipality")
            buttons.append(Button(label, address, icon_name="resubmit", priority=90))
        return buttons


class MunicipalityEditView(MergeButton, EditView):
    pass


class MunicipalityViewSet(ModelViewSet):
    model = Municipality
    name = "municipalities"
    edit_view_class = MunicipalityEditView
    inspect_view_class = MunicipalityInspectView
    menu_label = _("Municipalities")
    icon = "site"
    copy_view_enabled = False
    inspect_view_enabled = True
    list_display = [
        "name",
        Column("region", label=_("Region"), accessor=region_today),
        "mail_domains",
        "cvr",
    ]
    list_filter = ["region"]
    list_per_page = 100
    search_backend_name = None
    search_fields = ["name", "official_name", "mail_domains", "cvr", "code"]
    ordering = ["sort_key"]

    def get_urlpatterns(self) -> list[Any]:
        merge = path("merge/<int:pk>/", MergerView.as_view(), name="merge")
        return [*super().get_urlpatterns(), merge]


class MunicipalityChooserViewSet(ChooserViewSet):
    model = Municipality
    icon = "site"
    choose_one_text = _("Choose a municipality")
    choose_another_text = _("Choose another municipality")
    edit_item_text = _("Edit this municipality")
    per_page = 20


municipality_viewset = MunicipalityViewSet()
municipality_chooser = MunicipalityChooserViewSet("municipality_chooser")
