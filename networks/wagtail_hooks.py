"""Networks in the administration: menu, screens, and guards around pages."""

from typing import Any

from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import SubmenuMenuItem
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.models import Page
from wagtail.permissions import register_permission_policy

from cms.backoffice.menus import menu_group
from networks.backoffice.coordinators import coordinator_viewset
from networks.backoffice.facilitators import facilitator_chooser, facilitator_viewset
from networks.backoffice.join_requests import JoinRequestAdmin
from networks.backoffice.meetings import MeetingAdmin
from networks.backoffice.memberships import MembershipAdmin
from networks.backoffice.municipalities import municipality_chooser, municipality_viewset
from networks.backoffice.page_guards import refuse
from networks.backoffice.people import PersonAdmin
from networks.models import JoinRequest, Meeting, Membership, Person
from networks.policies import (
    join_request_policy,
    meeting_policy,
    membership_policy,
    person_policy,
)
from payments.backoffice.charges import SUBJECT_HOOK
from payments.models import Charge

register_permission_policy(Membership, membership_policy)
register_permission_policy(Person, person_policy)
register_permission_policy(Meeting, meeting_policy)
register_permission_policy(JoinRequest, join_request_policy)

memberships, people = MembershipAdmin(), PersonAdmin()
meetings, join_requests = MeetingAdmin(), JoinRequestAdmin()
for admin in (memberships, people, meetings, join_requests):
    admin.register_with_wagtail()

MENU = [
    memberships,
    people,
    meetings,
    join_requests,
    municipality_viewset,
    facilitator_viewset,
    coordinator_viewset,
]


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [
        municipality_viewset,
        municipality_chooser,
        facilitator_viewset,
        facilitator_chooser,
        coordinator_viewset,
    ]


@hooks.register("register_admin_menu_item")
def register_networks_menu() -> SubmenuMenuItem:
    return menu_group(_("Networks"), MENU, icon_name="group", order=200, name="networks")


@hooks.register("before_delete_page")
def keep_network_with_members(request: HttpRequest, page: Page) -> HttpResponseBase | None:
    return refuse(request, [page], page.get_parent())


@hooks.register("before_bulk_action")
def keep_networks_with_members(
    request: HttpRequest, action_type: str, objects: list[Any], action: Any
) -> HttpResponseBase | None:
    if action_type != "delete" or not objects or not issubclass(type(objects[0]), Page):
        return None
    return refuse(request, objects, objects[0].get_parent())


@hooks.register(SUBJECT_HOOK)
def describe_membership(user: Any, charge: Charge) -> tuple[Any, str] | None:
    """A charge for a membership leads to it, for those who may see it."""
    label, _separator, key = charge.reference.partition(":")
    if label != Membership._meta.label_lower:
        return None
    visible = membership_policy.instances_user_has_permission_for(user, "view")
    membership = visible.select_related("network", "municipality", "contact").filter(pk=key).first()
    if membership is None:
        return None
    return membership, reverse("networks_membership_modeladmin_inspect", args=[quote(key)])


@hooks.register("register_log_actions")
def register_refused_publication(actions: LogActionRegistry) -> None:
    """A page's history says why a version that was scheduled did not go live."""

    @actions.register_action("networks.publication_refused")
    class RefusedPublication(LogFormatter):
        label = _("Scheduled publication refused")

        def format_message(self, log_entry: Any) -> str:
            return f"{self.label}: {log_entry.data.get('reason', '')}"
