"""Who may see and change which row: the base of the permission policies.

One policy per model; lists, detail pages, history, exports and actions all ask it. Wagtail's
generic views understand it, since it is one of Wagtail's permission policies; the rows are ours.
"""

from typing import Any

from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db.models import Model, QuerySet
from wagtail.permission_policies import ModelPermissionPolicy

User = PermissionsMixin | AnonymousUser


class RowPermissionPolicy(ModelPermissionPolicy):
    """Django's model permission says *whether*, ``rows`` says *which*."""

    def rows(self, user: User) -> QuerySet[Any]:
        """The rows that lie within the user's scope, whatever the action."""
        raise NotImplementedError

    def user_has_any_permission(self, user: User, actions: list[str]) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def instances_user_has_permission_for(self, user: User, action: str) -> QuerySet[Any]:
        return self.instances_user_has_any_permission_for(user, [action])

    def instances_user_has_any_permission_for(
        self, user: User, actions: list[str]
    ) -> QuerySet[Any]:
        if not self.user_has_any_permission(user, actions):
            nothing: QuerySet[Any] = self.model._default_manager.none()
            return nothing
        return self.rows(user)

    def user_has_permission_for_instance(self, user: User, action: str, instance: Model) -> bool:
        return self.user_has_any_permission_for_instance(user, [action], instance)

    def user_has_any_permission_for_instance(
        self, user: User, actions: list[str], instance: Model
    ) -> bool:
        return (
            self.user_has_any_permission(user, actions)
            and self.rows(user).filter(pk=instance.pk).exists()
        )
