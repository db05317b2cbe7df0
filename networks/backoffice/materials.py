"""A meeting's materials in the administration: added, removed, and read through the policy."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column

from cms.backoffice.admin import RowAdmin
from cms.backoffice.listing import DayColumn, RowIndexView
from cms.backoffice.rows import ActionView, InspectView
from networks.backoffice.actions import ServicePage
from networks.backoffice.programme import AddToMeetingView, OfMeeting
from networks.models import Material
from networks.policies import material_policy
from networks.services import materials

MATERIALS = "#materials-section"


class MaterialForm(forms.Form):
    """A file or a link; one of them."""

    title = forms.CharField(label=_("Title"), max_length=150)
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("PDF, Word, Excel, PowerPoint, OpenDocument or a picture; 25 MB at most."),
        widget=forms.FileInput(attrs={"accept": ",".join(materials.FIRST_BYTES)}),
    )
    url = forms.URLField(
        label=_("or a link"), required=False, max_length=200, assume_scheme="https"
    )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not self.errors and bool(data.get("file")) == bool(data.get("url")):
            self.add_error(None, _("Choose a file or write a link: one of them."))
        return data


class AddMaterialView(AddToMeetingView):
    name = "add"
    label = _("Add material")
    icon_name = "upload"
    form_class = MaterialForm
    anchor = MATERIALS
    success_message = _("The material has been added; the network's members can open it now.")

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if self.request.method == "POST":
            kwargs["files"] = self.request.FILES
        return kwargs

    def perform(self, data: dict[str, Any]) -> None:
        facts = {"title": data["title"], "actor": self.actor}
        if data["file"]:
            materials.add_file(self.meeting.pk, upload=data["file"], **facts)
        else:
            materials.add_link(self.meeting.pk, url=data["url"], **facts)


class RemoveMaterialView(OfMeeting, ServicePage, ActionView):
    name = "remove"
    permission = "delete"
    label = _("Remove the material")
    icon_name = "bin"
    anchor = MATERIALS
    is_serious = True
    success_message = _("The material has been removed.")

    def explanation(self) -> Any:
        return _("Members can't open it any more. A file is deleted.")

    def perform(self, data: dict[str, Any]) -> None:
        materials.remove(self.instance.pk, actor=self.actor)


class MaterialIndexView(RowIndexView):
    title_column = ("title", _("Title"))
    title_sort_key = "title"
    default_ordering = "-created_at"
    related = ("meeting__season__page",)
    search_fields = ("title", "url", "meeting__title", "meeting__season__page__title")
    row_columns = (
        Column("meeting", label=_("Meeting"), accessor="meeting.label"),
        Column("network", label=_("Network"), accessor="meeting.season.page.title"),
        DayColumn("created_at", label=_("Added"), sort_key="created_at"),
    )


class MaterialView(OfMeeting, InspectView):
    """The file itself, as a download; a link's page is its meeting's."""

    anchor = MATERIALS

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("meeting")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        material = self.instance
        if not material.file:
            return redirect(self.inspect_url)
        return download(material)


def download(material: Material) -> HttpResponseBase:
    """The file as an attachment, which no browser runs."""
    try:
        content = material.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    return FileResponse(content, as_attachment=True, filename=materials.download_name(material))


class MaterialAdmin(RowAdmin):
    """Not in the menu: reached from the meeting's page."""

    model = Material
    policy = material_policy
    menu_label = _("Materials")
    menu_icon = "doc-full"
    index_view_class = MaterialIndexView
    inspect_view_class = MaterialView
    pages = (AddMaterialView,)
    actions = (RemoveMaterialView,)
