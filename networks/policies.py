"""Who may see and change which membership, person, meeting, request and message.

A role's rights are Django permissions (``networks.roles`` and its migration); the rows follow
from two facts: who holds ``SEES_ALL_NETWORKS`` sees every network's, everybody else those of the
networks that they coordinate.
"""

from typing import Any

from django.db.models import CharField, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from cms.messages.models import Message
from cms.policy import RowPermissionPolicy, User
from networks.models import (
    Coordinator,
    JoinRequest,
    Meeting,
    Membership,
    NetworkPage,
    Participant,
    Person,
)
from networks.services.settlement import scope_of
from payments.policies import charge_policy, payment_policy

__all__ = [
    "charge_policy",
    "charge_scopes",
    "join_request_policy",
    "meeting_policy",
    "membership_policy",
    "message_policy",
    "payment_policy",
    "person_policy",
    "visible_networks",
]

SEES_ALL_NETWORKS = "networks.view_members_networkpage"
#: Approve, reject, move up and send links: those who may change memberships, and coordinators.
HANDLE = "handle"


def coordinated_networks(user: User) -> QuerySet[Any]:
    """Keys of the networks that the user looks after, as a subquery."""
    return Coordinator.objects.filter(user_id=user.pk or 0).values("network_id")


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
            or (super().user_has_permission(user, "view") and coordinated_networks(user).exists())
        )

    def user_has_any_permission_for_instance(
        self, user: User, actions: list[str], instance: Model
    ) -> bool:
        if HANDLE in actions and not super().user_has_permission(user, "change"):
            handled = coordinated_networks(user).filter(network_id=instance.network_id)  # type: ignore[attr-defined]
            return bool(super().user_has_permission(user, "view") and handled.exists())
        return super().user_has_any_permission_for_instance(user, actions, instance)


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


class MessagePolicy(RowPermissionPolicy):
    """Messages about a visible membership."""

    def rows(self, user: User) -> QuerySet[Any]:
        messages = Message.objects.all()
        if user.has_perm(SEES_ALL_NETWORKS):
            return messages
        memberships = membership_policy.rows(user)
        label = Value(f"{Membership._meta.label_lower}:")
        references = memberships.annotate(
            reference=Concat(label, Cast("pk", CharField()), output_field=CharField())
        )
        return messages.filter(about__in=references.values("reference"))


membership_policy = MembershipPolicy(Membership, "network_id")
join_request_policy = NetworkRowsPolicy(JoinRequest, "membership__network_id")
meeting_policy = NetworkRowsPolicy(Meeting, "season__page_id")
person_policy = PersonPolicy(Person)
message_policy = MessagePolicy(Message)


def charge_scopes(user: User) -> set[str] | None:
    """The scopes whose charges the user may see (None: all), for ``PAYMENTS_SCOPE_POLICY``.

    Who settles charges (finance) sees every scope, and so does who sees every network's members.
    """
    if user.has_perm("payments.change_charge") or user.has_perm(SEES_ALL_NETWORKS):
        return None
    return {scope_of(network) for network in visible_networks(user)}
