"""Facilitators in the administration: the organisations that run networks."""

from typing import Any

from django.db.models import Field
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.generic import InspectView
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.viewsets.model import ModelViewSet

from networks.models import Facilitator


class FacilitatorInspectView(InspectView):
    """Wagtail's, with a dash in the place of what is not there."""

    def get_field_display_value(self, field_name: str, field: Field | None) -> Any:
        is_there = getattr(self.object, field_name) is not None
        return super().get_field_display_value(field_name, field) if is_there else "–"


class FacilitatorViewSet(ModelViewSet):
    model = Facilitator
    inspect_view_class = FacilitatorInspectView
    name = "facilitators"
    menu_label = _("Facilitators")
    icon = "key"
    copy_view_enabled = False
    inspect_view_enabled = True
    list_display = ["name", "short_name", "website", "cvr"]
    search_fields = ["name", "short_name"]
    ordering = ["name"]


class FacilitatorChooserViewSet(ChooserViewSet):
    model = Facilitator
    icon = "key"
    choose_one_text = _("Choose an organisation")
    choose_another_text = _("Choose another organisation")
    edit_item_text = _("Edit this organisation")
    form_fields = ["name", "short_name", "website", "cvr", "privacy_url"]


facilitator_viewset = FacilitatorViewSet()
facilitator_chooser = FacilitatorChooserViewSet("facilitator_chooser")
