"""Networks in the administration: menu, screens, and guards around pages."""

from typing import Any

from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import SubmenuMenuItem
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.models import Page
from wagtail.permissions import register_permission_policy
from wagtail.signals import page_published

from cms.backoffice.desk import DESK_HOOK, Task, tasks_in
from cms.backoffice.menus import menu_group
from cms.backoffice.search import SEARCH_HOOK, Source
from cms.messages.models import Message, MessageTemplate
from networks.backoffice import desk, finding, page_guards, page_tasks, publication_preview
from networks.backoffice.access_log import AccessAdmin
from networks.backoffice.access_log import exports as export_log
from networks.backoffice.consents import ConsentAdmin
from networks.backoffice.coordinators import coordinator_viewset
from networks.backoffice.erasure_requests import ErasureRequestAdmin
from networks.backoffice.facilitators import facilitator_chooser, facilitator_viewset
from networks.backoffice.guests import GuestAdmin
from networks.backoffice.handovers import HandoverAdmin
from networks.backoffice.join_requests import JoinRequestAdmin
from networks.backoffice.meetings import MeetingAdmin
from networks.backoffice.memberships import MembershipAdmin
from networks.backoffice.message_texts import MessageTextAdmin
from networks.backoffice.messages import MessageAdmin
from networks.backoffice.municipalities import municipality_chooser, municipality_viewset
from networks.backoffice.new_season import NextSeasonView
from networks.backoffice.participation import ParticipationMenu
from networks.backoffice.people import PersonAdmin
from networks.backoffice.privacy_menu import PageMenu
from networks.backoffice.register import RegisterMenu, activity_viewset
from networks.backoffice.register import urlpatterns as register_patterns
from networks.backoffice.renewal import YearAdmin
from networks.backoffice.reports import menu as reports
from networks.backoffice.retention import RetentionAdmin, RetentionPreviewView
from networks.backoffice.taking_part import materials, offers, programme_items, topics
from networks.models import (
    ErasureRequest,
    Guest,
    Handover,
    JoinRequest,
    Material,
    Meeting,
    Membership,
    NetworkPage,
    Offer,
    Person,
    ProgrammeItem,
    Season,
    Topic,
)
from networks.policies import (
    erasure_policy,
    guest_policy,
    handover_policy,
    join_request_policy,
    material_policy,
    meeting_policy,
    membership_policy,
    message_policy,
    message_text_policy,
    offer_policy,
    person_policy,
    programme_item_policy,
    topic_policy,
    year_policy,
)
from networks.services import changes
from payments.backoffice.charges import SUBJECT_HOOK
from payments.models import Charge

register_permission_policy(Membership, membership_policy)
register_permission_policy(Person, person_policy)
register_permission_policy(Meeting, meeting_policy)
register_permission_policy(Guest, guest_policy)
register_permission_policy(JoinRequest, join_request_policy)
register_permission_policy(Handover, handover_policy)
register_permission_policy(ErasureRequest, erasure_policy)
register_permission_policy(Message, message_policy)
register_permission_policy(MessageTemplate, message_text_policy)
register_permission_policy(Season, year_policy)
register_permission_policy(Topic, topic_policy)
register_permission_policy(Offer, offer_policy)
register_permission_policy(ProgrammeItem, programme_item_policy)
register_permission_policy(Material, material_policy)

memberships, people = MembershipAdmin(), PersonAdmin()
meetings, join_requests = MeetingAdmin(), JoinRequestAdmin()
handovers, erasure_requests = HandoverAdmin(), ErasureRequestAdmin()
for admin in (handovers, erasure_requests):
    admin.register_with_wagtail()
guests = GuestAdmin()
year_changes = YearAdmin()
year_changes.register_with_wagtail()
for admin in (memberships, people, meetings, join_requests, guests):
    admin.register_with_wagtail()
for admin in (topics, offers, programme_items, materials):
    admin.register_with_wagtail()

messages, message_texts = MessageAdmin(), MessageTextAdmin()
for admin in (messages, message_texts):
    admin.register_with_wagtail()

MEMBERS = [memberships, people, join_requests, handovers, year_changes]
consents, retention, access = ConsentAdmin(), RetentionAdmin(), AccessAdmin()
for admin in (consents, retention, access, export_log):
    admin.register_with_wagtail()

PRIVACY = [
    erasure_requests,
    consents,
    PageMenu(RetentionPreviewView, retention),
    RegisterMenu(),
    access,
]
MEETINGS = [meetings, guests, ParticipationMenu(meetings), topics, offers]
REGISTERS = [municipality_viewset, facilitator_viewset, coordinator_viewset]


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [
        municipality_viewset,
        municipality_chooser,
        facilitator_viewset,
        facilitator_chooser,
        coordinator_viewset,
        activity_viewset,
    ]


@hooks.register(SEARCH_HOOK)
def register_search_sources() -> list[Source]:
    return finding.SOURCES


@hooks.register("register_admin_menu_item")
def register_members_menu() -> SubmenuMenuItem:
    return menu_group(_("Members"), MEMBERS, icon_name="group", order=200, name="members")


@hooks.register("register_admin_menu_item")
def register_meetings_menu() -> SubmenuMenuItem:
    return menu_group(_("Meetings"), MEETINGS, icon_name="date", order=205, name="meetings")


@hooks.register("register_admin_menu_item")
def register_registers_menu() -> SubmenuMenuItem:
    return menu_group(
        _("Registers"), REGISTERS, icon_name="folder-open-inverse", order=230, name="registers"
    )


@hooks.register("register_admin_menu_item")
def register_messages_menu() -> SubmenuMenuItem:
    entries = [messages, message_texts]
    return menu_group(_("Messages"), entries, icon_name="mail", order=210, name="messages")


@hooks.register("register_admin_menu_item")
def register_privacy_menu() -> SubmenuMenuItem:
    return menu_group(_("Data protection"), PRIVACY, icon_name="lock", order=215, name="privacy")


@hooks.register("register_admin_urls")
def register_processing_register() -> list[URLPattern]:
    return register_patterns


@hooks.register("before_delete_page")
def keep_network_with_members(request: HttpRequest, page: Page) -> HttpResponseBase | None:
    return page_guards.refuse(request, [page], page.get_parent())


def look_for_changes(instance: NetworkPage, **kwargs: Any) -> None:
    """Wagtail says that a version went live, outside any transaction: that only wakes a job."""
    changes.wake(instance.pk)


page_published.connect(look_for_changes, sender=NetworkPage)


@hooks.register("before_publish_page")
def show_what_follows(request: HttpRequest, page: Page) -> HttpResponseBase | None:
    return publication_preview.show_first(request, page)


@hooks.register("register_admin_urls")
def register_page_screens() -> list[URLPattern]:
    own = [*publication_preview.urlpatterns, *page_guards.urlpatterns]
    return [*own, *page_tasks.urlpatterns, *reports.urlpatterns]


@hooks.register("register_admin_urls")
def register_next_season() -> list[URLPattern]:
    address = "networks/<int:page_id>/next-season/"
    return [path(address, NextSeasonView.as_view(), name="networks_next_season")]


@hooks.register("before_bulk_action")
def keep_networks_with_members(
    request: HttpRequest, action_type: str, objects: list[Any], action: Any
) -> HttpResponseBase | None:
    if action_type != "delete" or not objects or not issubclass(type(objects[0]), Page):
        return None
    return page_guards.refuse(request, objects, objects[0].get_parent())


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


DESK = desk.entries(
    memberships=memberships,
    join_requests=join_requests,
    handovers=handovers,
    erasure_requests=erasure_requests,
    topics=topics,
    offers=offers,
    messages=messages,
)


@hooks.register(DESK_HOOK)
def register_desk_tasks(request: HttpRequest) -> list[Task]:
    return [*tasks_in(DESK, request), *page_tasks.tasks(request)]


@hooks.register("construct_homepage_panels")
def show_hosted_meetings(request: HttpRequest, panels: list[Any]) -> None:
    panels.append(desk.HostedMeetingsPanel(request, meetings))


for item in reports.menu_items():
    hooks.register("register_reports_menu_item", lambda item=item: item)
