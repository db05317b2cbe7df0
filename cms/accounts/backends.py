"""Who signs in, and what they may do: read in two queries a request, not in six."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import AbstractBaseUser, Permission, User
from django.db.models import Exists, OuterRef, Q
from wagtail.models import GroupCollectionPermission, GroupPagePermission, GroupSitePermission
from wagtail.permission_policies.collections import CollectionPermissionPolicy
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permission_policies.sites import SitePermissionPolicy

#: Wagtail's rights for one page, collection or site, and where it keeps a user's once read.
_OBJECT_RIGHTS = {
    PagePermissionPolicy.permission_cache_name: GroupPagePermission,
    CollectionPermissionPolicy.permission_cache_name: GroupCollectionPermission,
    SitePermissionPolicy.permission_cache_name: GroupSitePermission,
}


class StaffBackend(AuthenticationBackend):
    """allauth's, with what every page of the administration asks of its user.

    Wagtail's menu alone asks for the profile and for three kinds of rights, most of which most
    roles have none of.
    """

    def get_user(self, user_id: Any) -> AbstractBaseUser | None:
        """The user with the profile; what the groups have no rights to, is not asked again."""
        kinds = {
            f"has{name}": Exists(model.objects.filter(group__user=OuterRef("pk")))
            for name, model in _OBJECT_RIGHTS.items()
        }
        users = User.objects.select_related("wagtail_userprofile").annotate(**kinds)
        user = users.filter(pk=user_id).first()
        if user is None or not self.user_can_authenticate(user):
            return None
        for name, model in _OBJECT_RIGHTS.items():
            if not getattr(user, f"has{name}"):
                setattr(user, name, model.objects.none())
        return user

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """The user's own and the groups', as Django has them, in one query."""
        mine = user_obj.is_active and not user_obj.is_anonymous and not user_obj.is_superuser
        if not mine or obj is not None or hasattr(user_obj, "_perm_cache"):
            return super().get_all_permissions(user_obj, obj)
        own = Q(pk__in=user_obj.user_permissions.values("pk"))
        through_groups = Q(pk__in=Permission.objects.filter(group__user=user_obj).values("pk"))
        names = Permission.objects.filter(own | through_groups).order_by()
        user_obj._perm_cache = {
            f"{label}.{name}"
            for label, name in names.values_list("content_type__app_label", "codename")
        }
        return user_obj._perm_cache
