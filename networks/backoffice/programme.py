"""A meeting's programme and materials in the administration: a section of the meeting's page, and
what is done to each item.

The rows of other networks' meetings are not found. Hosts of a meeting see no programme here.
"""

from typing import Any

from django import forms
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column

from cms.backoffice.admin import RowAdmin
from cms.backoffice.listing import RowIndexView
from cms.backoffice.rows import ActionView, BackofficeView, InspectView
from networks.backoffice.actions import ServicePage
from networks.models import Meeting, ProgrammeItem, ProgrammeKind
from networks.policies import programme_item_policy, visible_networks
from networks.services import programme


def meeting_url(meeting_id: int, anchor: str = "") -> str:
    return reverse("networks_meeting_modeladmin_inspect", args=[quote(meeting_id)]) + anchor


# Adding something to a meeting --------------------------------------------------------------------


class AddToMeetingView(ServicePage, BackofficeView):
    """A form that adds a row to the meeting named in the address (``?meeting=``)."""

    permission = "add"
    meeting: Meeting
    anchor = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Who may not add at all is told so by the view above, whatever the meeting.
        if self.policy.user_has_permission(request.user, self.permission):
            self.meeting = self.find_meeting(request)
        return super().dispatch(request, *args, **kwargs)

    def find_meeting(self, request: HttpRequest) -> Meeting:
        """Of the networks whose members the user sees; any other is not found."""
        meetings = Meeting.objects.filter(season__page__in=visible_networks(request.user))
        key = request.GET.get("meeting", "")
        is_key = key.isdecimal() and len(key) <= 18
        meeting = meetings.filter(pk=int(key)).first() if is_key else None
        if meeting is None:
            raise Http404
        return meeting

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("networks_meeting_modeladmin_index"), "label": _("Meetings")},
            {"url": meeting_url(self.meeting.pk), "label": str(self.meeting)},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        texts = {"submit_label": self.label, "cancel_url": self.get_success_url()}
        context: dict[str, Any] = super().get_context_data(**{**texts, **kwargs})
        return context

    def get_success_url(self) -> str:
        return meeting_url(self.meeting.pk, self.anchor)


def add_url(admin: RowAdmin, meeting: Meeting) -> str:
    return f"{admin.row_url('add')}?{urlencode({'meeting': meeting.pk})}"


class OfMeeting:
    """A page about one row of a meeting, whose way back is the meeting's page."""

    anchor = ""
    instance: Any
    breadcrumbs_items: list[dict[str, Any]]

    @property
    def inspect_url(self) -> str:
        return meeting_url(self.instance.meeting_id, self.anchor)

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("meeting")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("networks_meeting_modeladmin_index"), "label": _("Meetings")},
            {"url": self.inspect_url, "label": str(self.instance.meeting)},
            {"url": "", "label": self.get_page_title()},  # type: ignore[attr-defined]
        ]


# The programme ------------------------------------------------------------------------------------

PROGRAMME = "#programme-section"


class ItemForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=ProgrammeKind.choices)
    text = forms.CharField(label=_("Text"), max_length=250)
    on_page = forms.BooleanField(
        label=_("Shown on the network's page"),
        required=False,
        help_text=_("Everybody sees it there. Otherwise the network's members alone do."),
    )


class AddItemView(AddToMeetingView):
    name = "add"
    label = _("Add to the programme")
    icon_name = "plus"
    form_class = ItemForm
    anchor = PROGRAMME
    success_message = _("Added to the programme.")

    def perform(self, data: dict[str, Any]) -> None:
        programme.add_item(self.meeting.pk, actor=self.actor, **data)


class ItemActionView(OfMeeting, ServicePage, ActionView):
    anchor = PROGRAMME


class EditItemView(ItemActionView):
    name = "change"
    label = _("Edit the item")
    icon_name = "edit"
    form_class = ItemForm
    submit_label = _("Save")

    def get_initial(self) -> dict[str, Any]:
        item = self.instance
        return {"kind": item.kind, "text": item.text, "on_page": item.on_page}

    def perform(self, data: dict[str, Any]) -> None:
        programme.edit_item(self.instance.pk, actor=self.actor, **data)


class ShowForm(forms.Form):
    on_page = forms.BooleanField(label=_("Shown on the network's page"), required=False)


class ShowItemView(ItemActionView):
    """From the network's page to members only, or the other way."""

    name = "show"
    label = _("Who sees the item?")
    icon_name = "view"
    form_class = ShowForm
    submit_label = _("Save")

    def get_initial(self) -> dict[str, Any]:
        return {"on_page": self.instance.on_page}

    def perform(self, data: dict[str, Any]) -> None:
        programme.show_item(self.instance.pk, on_page=data["on_page"], actor=self.actor)


class MoveItemUpView(ItemActionView):
    name = "up"
    label = _("Move up")
    icon_name = "arrow-up"
    steps = -1

    def perform(self, data: dict[str, Any]) -> None:
        programme.move_item(self.instance.pk, steps=self.steps, actor=self.actor)


class MoveItemDownView(MoveItemUpView):
    name = "down"
    label = _("Move down")
    icon_name = "arrow-down"
    steps = 1


class RemoveItemView(ItemActionView):
    name = "remove"
    permission = "delete"
    label = _("Take off the programme")
    icon_name = "bin"
    is_serious = True
    success_message = _("Taken off the programme.")

    def perform(self, data: dict[str, Any]) -> None:
        programme.remove_item(self.instance.pk, actor=self.actor)


class ItemIndexView(RowIndexView):
    title_column = ("text", _("Text"))
    title_sort_key = "text"
    default_ordering = "-created_at"
    related = ("meeting__season__page",)
    search_fields = ("text", "meeting__title", "meeting__season__page__title")
    row_columns = (
        Column("kind", label=_("Kind"), accessor="get_kind_display", sort_key="kind"),
        Column("meeting", label=_("Meeting"), accessor="meeting.label"),
        Column("network", label=_("Network"), accessor="meeting.season.page.title"),
        BooleanColumn("on_page", label=_("Shown on the network's page"), sort_key="on_page"),
    )


class ItemInspectView(OfMeeting, InspectView):
    """An item is shown on the page of its meeting."""

    anchor = PROGRAMME

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return redirect(self.inspect_url)


class ProgrammeItemAdmin(RowAdmin):
    """Not in the menu: reached from the meeting's page."""

    model = ProgrammeItem
    policy = programme_item_policy
    menu_label = _("Programme items")
    menu_icon = "list-ol"
    index_view_class = ItemIndexView
    inspect_view_class = ItemInspectView
    pages = (AddItemView,)
    actions = (EditItemView, ShowItemView, MoveItemUpView, MoveItemDownView, RemoveItemView)
