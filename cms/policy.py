"""Who may see and change which row: the base of the permission policies.

One policy per model; lists, detail pages, history, exports and actions all ask it. Wagtail's
generic views understand it, since it is one of Wagtail's permission policies; the rows are ours.
"""

from collections.abc import Collection
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

    def keys_permitted(self, user: User, action: str, keys: Collection[Any]) -> set[Any]:
        """Of rows that exist, by their keys, those that the user may do it to; in one query, or
        in none when the answer is the same for every row."""
        rows = self.instances_user_has_permission_for(user, action)
        if rows.query.is_empty():
            return set()
        if not rows.query.where:
            return set(keys)
        return set(rows.filter(pk__in=keys).order_by().values_list("pk", flat=True))

    def user_has_permission_for_instance(self, user: User, action: str, instance: Model) -> bool:
        return self.user_has_any_permission_for_instance(user, [action], instance)

    def user_has_any_permission_for_instance(
        self, user: User, actions: list[str], instance: Model
    ) -> bool:
        return (
            self.user_has_any_permission(user, actions)
            and self.rows(user).filter(pk=instance.pk).exists()
        )


class EveryRowPolicy(RowPermissionPolicy):
    """Rows that are of no network: the permission alone decides."""

    def rows(self, user: User) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.all()
        return rows
