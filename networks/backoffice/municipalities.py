"""Municipalities in the administration: a look-up, with the mail domains that members have."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.viewsets.model import ModelViewSet

from networks.backoffice.filters import region_field
from networks.models import Municipality


def region_today(municipality: Municipality) -> str:
    return str(getattr(municipality, region_field()))


class MunicipalityViewSet(ModelViewSet):
    model = Municipality
    name = "municipalities"
    menu_label = _("Municipalities")
    icon = "site"
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields = [
        "official_name",
        "code",
        "cvr",
        "region",
        "region_2027",
        "mail_domains",
        "gln_numbers",
        "website",
        "population",
    ]
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


class MunicipalityChooserViewSet(ChooserViewSet):
    model = Municipality
    icon = "site"
    choose_one_text = _("Choose a municipality")
    choose_another_text = _("Choose another municipality")
    edit_item_text = _("Edit this municipality")
    per_page = 20


municipality_viewset = MunicipalityViewSet()
municipality_chooser = MunicipalityChooserViewSet("municipality_chooser")
