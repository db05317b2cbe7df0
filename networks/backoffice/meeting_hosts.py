"""Hosts of a meeting: assigned and removed on a page of the meeting's own."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from cms.backoffice.rows import ActionView
from networks.backoffice.actions import ServicePage
from networks.backoffice.coordinators import user_label
from networks.models import MeetingHost
from networks.policies import ASSIGN_HOSTS
from networks.services import hosts


class HostForm(forms.Form):
    """Which user is to host the meeting."""

    user = forms.ModelChoiceField(
        label=_("User"),
        queryset=User.objects.none(),
        help_text=_(
            "Gets the right to see this meeting, its participants and guests, and to note who "
            "came; no other meeting, no memberships and no money."
        ),
    )

    def __init__(self, *args: Any, users: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["user"]
        field.queryset = users  # type: ignore[attr-defined]
        field.label_from_instance = user_label  # type: ignore[attr-defined]


class HostsView(ServicePage, ActionView):
    """The meeting's hosts, each with a button to remove them, and a form for one more."""

    name = "hosts"
    permission = ASSIGN_HOSTS
    label = _("Assign hosts")
    submit_label = _("Assign as host")
    icon_name = "user"
    is_secondary = True
    form_class = HostForm
    template_name = "networks/backoffice/hosts.html"
    success_message = _("The host is assigned.")

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("season__page", "record")

    def get_form_kwargs(self) -> dict[str, Any]:
        hosting = MeetingHost.objects.filter(meeting=self.instance).values("user_id")
        users = User.objects.filter(is_active=True).exclude(pk__in=hosting)
        return {**super().get_form_kwargs(), "users": users.order_by("first_name", "pk")}

    def post(self, request: HttpRequest) -> HttpResponseBase:
        leaving = request.POST.get("remove", "")
        if not leaving:
            return super().post(request)
        if leaving.isdecimal() and len(leaving) < 10:
            hosts.remove(self.instance.pk, user_id=int(leaving), actor=self.actor)
            messages.success(request, _("The host is removed."))
        return redirect(self.get_success_url())

    def perform(self, data: dict[str, Any]) -> None:
        hosts.assign(self.instance.pk, user=data["user"], actor=self.actor)

    def get_success_url(self) -> str:
        return str(self.model_admin.row_url(self.name, self.instance.pk))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"hosts": hosts_of(self.instance), **kwargs})


def hosts_of(meeting: Any) -> list[tuple[int, str]]:
    """(key, name) of the users who host the meeting."""
    rows = meeting.hosts.select_related("user").order_by("user__first_name", "user_id")
    return [(row.user_id, user_label(row.user)) for row in rows]
