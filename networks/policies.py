"""Who may see and change which membership, person, meeting, request and message.

A role's rights are Django permissions (``networks.roles`` and its migration); the rows follow
from two facts: who holds ``SEES_ALL_NETWORKS`` sees every network's, everybody else those of the
networks that they coordinate. Besides, a host sees the one meeting.
"""

from typing import Any

from django.db.models import Model, Q, QuerySet

from cms.accounts.mails import SCOPE as ACCOUNTS
from cms.messages.models import Message, MessageTemplate
from cms.policy import RowPermissionPolicy, User
from networks.models import (
    Coordinator,
    ErasureRequest,
    Guest,
    Handover,
    JoinRequest,
    Material,
    Meeting,
    MeetingHost,
    Membership,
    NetworkPage,
    Offer,
    Participant,
    Person,
    ProgrammeItem,
    Season,
    Topic,
)
from networks.services.scopes import scope_of, scope_of_key
from payments.policies import charge_policy, payment_policy

__all__ = [
    "charge_policy",
    "charge_scopes",
    "erasure_policy",
    "guest_policy",
    "handover_policy",
    "join_request_policy",
    "material_policy",
    "meeting_policy",
    "membership_policy",
    "message_policy",
    "message_text_policy",
    "offer_policy",
    "payment_policy",
    "person_policy",
    "programme_item_policy",
    "topic_policy",
    "visible_networks",
    "year_policy",
]

SEES_ALL_NETWORKS = "networks.view_members_networkpage"
READS_PRIVACY = "networks.view_privacysettings"
#: Of a meeting.
NOTE_ATTENDANCE = "note_attendance"
INVITE_GUESTS = "invite_guests"
ASSIGN_HOSTS = "assign_hosts"
SEE_MEMBERS = "see_members"
#: Approve, reject, move up and send links: those who may change memberships, and coordinators.
HANDLE = "handle"
#: See that a request waits: those who may answer it, and coordinators, who know whom to ask.
FOLLOW = "follow"


def coordinated_networks(user: User) -> QuerySet[Any]:
    """Keys of the networks that the user looks after, as a subquery."""
    return Coordinator.objects.filter(user_id=user.pk or 0).values("network_id")


def coordinates(user: User) -> bool:
    """Whether the user looks after any network. Asked once for each request's user, as Django does
    with permissions: lists ask it of every action."""
    known: bool | None = getattr(user, "_coordinates", None)
    if known is None:
        known = coordinated_networks(user).exists()
        user._coordinates = known  # type: ignore[union-attr]
    return known


def visible_networks(user: User) -> QuerySet[NetworkPage]:
    """The networks whose members the user may see."""
    networks: QuerySet[NetworkPage] = NetworkPage.objects.order_by("title")
    if user.has_perm(SEES_ALL_NETWORKS):
        return networks
    coordinated: QuerySet[NetworkPage] = networks.filter(pk__in=coordinated_networks(user))
    return coordinated


class NetworkRowsPolicy(RowPermissionPolicy):
    """Rows of a network, which ``network_lookup`` leads to."""

    def __init__(self, model: Any, network_lookup: str) -> None:
        super().__init__(model)
        self.network_lookup = network_lookup

    def rows(self, user: User) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.all()
        if user.has_perm(SEES_ALL_NETWORKS):
            return rows
        return rows.filter(**{f"{self.network_lookup}__in": coordinated_networks(user)})


class MembershipPolicy(NetworkRowsPolicy):
    """Coordinators handle the memberships of their networks without the right to change them."""

    def user_has_permission(self, user: User, action: str) -> bool:
        if action != HANDLE:
            return bool(super().user_has_permission(user, action))
        return bool(
            super().user_has_permission(user, "change")
            or (super().user_has_permission(user, "view") and coordinates(user))
        )

    def instances_user_has_any_permission_for(
        self, user: User, actions: list[str]
    ) -> QuerySet[Any]:
        rows = super().instances_user_has_any_permission_for(user, actions)
        if HANDLE in actions and not super().user_has_permission(user, "change"):
            return rows.filter(network_id__in=coordinated_networks(user))
        return rows

    def user_has_any_permission_for_instance(
        self, user: User, actions: list[str], instance: Model
    ) -> bool:
        allowed = self.instances_user_has_any_permission_for(user, actions)
        return allowed.filter(pk=instance.pk).exists()


class MeetingPolicy(NetworkRowsPolicy):
    """Meetings of visible networks, and those that the user hosts. A host sees the meeting and
    notes attendance; whatever else is done to it is for those who look after its network."""

    RIGHTS = {
        NOTE_ATTENDANCE: "networks.change_seat",
        INVITE_GUESTS: "networks.add_guest",
        ASSIGN_HOSTS: "networks.add_meetinghost",
        SEE_MEMBERS: "networks.view_membership",
    }
    OF_HOSTS = frozenset({"view", NOTE_ATTENDANCE})

    def user_has_permission(self, user: User, action: str) -> bool:
        right = self.RIGHTS.get(action)
        return bool(user.has_perm(right) if right else super().user_has_permission(user, action))

    def rows(self, user: User) -> QuerySet[Any]:
        meetings: QuerySet[Any] = Meeting.objects.all()
        if user.has_perm(SEES_ALL_NETWORKS):
            return meetings
        hosted = MeetingHost.objects.filter(user_id=user.pk or 0).values("meeting_id")
        coordinated = Q(season__page_id__in=coordinated_networks(user))
        return meetings.filter(coordinated | Q(pk__in=hosted))

    def instances_user_has_any_permission_for(
        self, user: User, actions: list[str]
    ) -> QuerySet[Any]:
        if self.OF_HOSTS.intersection(actions) or not self.user_has_any_permission(user, actions):
            return super().instances_user_has_any_permission_for(user, actions)
        return super().rows(user)

    def user_has_any_permission_for_instance(
        self, user: User, actions: list[str], instance: Model
    ) -> bool:
        if user.has_perm(SEES_ALL_NETWORKS):
            return self.user_has_any_permission(user, actions)
        allowed = self.instances_user_has_any_permission_for(user, actions)
        return allowed.filter(pk=instance.pk).exists()


class RequestPolicy(NetworkRowsPolicy):
    """What is asked of a membership. Coordinators follow what waits in their networks; who may
    change it answers."""

    def user_has_permission(self, user: User, action: str) -> bool:
        if action != FOLLOW:
            return bool(super().user_has_permission(user, action))
        return bool(
            super().user_has_permission(user, "change")
            or (super().user_has_permission(user, "view") and coordinates(user))
        )


class GuestPolicy(NetworkRowsPolicy):
    """Guests with their addresses, for those who look after the network's members; a host sees
    who comes on the meeting's own page."""

    def user_has_permission(self, user: User, action: str) -> bool:
        return bool(
            user.has_perm("networks.view_membership") and super().user_has_permission(user, action)
        )


class YearPolicy(NetworkRowsPolicy):
    """Seasons that members enter: for whoever sees memberships; run by whoever changes them."""

    def user_has_permission(self, user: User, action: str) -> bool:
        return membership_policy.user_has_permission(user, action)


class PersonPolicy(RowPermissionPolicy):
    """People who are contact, invoice contact or participant of a visible membership."""

    def rows(self, user: User) -> QuerySet[Any]:
        people = Person.objects.all()
        if user.has_perm(SEES_ALL_NETWORKS):
            return people
        memberships = membership_policy.rows(user)
        participants = Participant.objects.filter(membership__in=memberships)
        return people.filter(
            Q(pk__in=memberships.values("contact_id"))
            | Q(pk__in=memberships.values("invoice_contact_id"))
            | Q(email__in=participants.values("email"))
        )


class ScopedRowsPolicy(RowPermissionPolicy):
    """Rows with the scope of a visible network: messages, and the texts of messages. Those of the
    whole site belong to who sees every network; those about users' accounts, to superusers."""

    def rows(self, user: User) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.all()
        if not user.is_superuser:
            rows = rows.exclude(scope=ACCOUNTS)
        if user.has_perm(SEES_ALL_NETWORKS):
            return rows
        keys = coordinated_networks(user).values_list("network_id", flat=True)
        return rows.filter(scope__in=[scope_of_key(key) for key in keys])


class ErasurePolicy(RowPermissionPolicy):
    """Requests to be erased: they concern every network of the person."""

    def rows(self, user: User) -> QuerySet[Any]:
        """The data protection contact reads them too, who sees no members."""
        requests = ErasureRequest.objects.all()
        everywhere = user.has_perm(SEES_ALL_NETWORKS) or user.has_perm(READS_PRIVACY)
        return requests if everywhere else requests.none()


membership_policy = MembershipPolicy(Membership, "network_id")
join_request_policy = RequestPolicy(JoinRequest, "membership__network_id")
handover_policy = RequestPolicy(Handover, "membership__network_id")
erasure_policy = ErasurePolicy(ErasureRequest)
meeting_policy = MeetingPolicy(Meeting, "season__page_id")
topic_policy = NetworkRowsPolicy(Topic, "network_id")
offer_policy = NetworkRowsPolicy(Offer, "network_id")
programme_item_policy = NetworkRowsPolicy(ProgrammeItem, "meeting__season__page_id")
material_policy = NetworkRowsPolicy(Material, "meeting__season__page_id")
guest_policy = GuestPolicy(Guest, "meeting__season__page_id")
year_policy = YearPolicy(Season, "page_id")
person_policy = PersonPolicy(Person)
message_policy = ScopedRowsPolicy(Message)
message_text_policy = ScopedRowsPolicy(MessageTemplate)


def charge_scopes(user: User) -> set[str] | None:
    """The scopes whose charges the user may see (None: all), for ``PAYMENTS_SCOPE_POLICY``.

    Who settles charges (finance) sees every scope, and so does who sees every network's members.
    """
    if user.has_perm("payments.change_charge") or user.has_perm(SEES_ALL_NETWORKS):
        return None
    return {scope_of(network) for network in visible_networks(user)}
