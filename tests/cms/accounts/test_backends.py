"""The backend that reads a user's rights in few queries says what Django's and Wagtail's say."""

import pytest
from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Permission, User
from wagtail.models import (
    GroupCollectionPermission,
    GroupPagePermission,
    GroupSitePermission,
    Page,
)
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.users.models import UserProfile

from cms.accounts.backends import StaffBackend
from networks import roles
from tests.factories.networks import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [*roles.ROLES, roles.DATA_PROTECTION])
def test_a_role_has_the_rights_that_django_reads(role) -> None:
    stored = make_user(role)
    stored.user_permissions.add(Permission.objects.get(codename="access_admin"))
    read = StaffBackend().get_user(stored.pk)
    django = AuthenticationBackend().get_user(stored.pk)
    assert read.get_all_permissions() == AuthenticationBackend().get_all_permissions(django)


@pytest.mark.parametrize("role", [*roles.ROLES, roles.DATA_PROTECTION])
def test_a_role_may_do_to_pages_what_its_group_may(role) -> None:
    stored = make_user(role)
    read = StaffBackend().get_user(stored.pk)
    group = stored.groups.get()
    policy = PagePermissionPolicy()
    assert set(policy.get_cached_permissions_for_user(read)) == set(
        GroupPagePermission.objects.filter(group=group)
    )
    for model, cached in (
        (GroupCollectionPermission, "_collection_permission_cache"),
        (GroupSitePermission, "_site_permission_cache"),
    ):
        known = getattr(read, cached, None)
        assert known is None or set(known) == set(model.objects.filter(group=group)) == set()
    assert policy.user_has_any_permission(read, {"add"}) == policy.user_has_any_permission(
        User.objects.get(pk=stored.pk), {"add"}
    )


def test_a_superuser_may_everything() -> None:
    stored = User.objects.create_superuser("chef", "chef@example.org")
    read = StaffBackend().get_user(stored.pk)
    assert read.has_perm("wagtailadmin.access_admin")
    assert PagePermissionPolicy().user_has_permission_for_instance(
        read, "publish", Page.get_first_root_node()
    )


def test_a_closed_account_is_nobody_and_may_nothing() -> None:
    stored = make_user(roles.PUBLISHERS)
    User.objects.filter(pk=stored.pk).update(is_active=False)
    assert StaffBackend().get_user(stored.pk) is None
    assert StaffBackend().get_all_permissions(User.objects.get(pk=stored.pk)) == set()
    assert StaffBackend().get_user(stored.pk + 1) is None


def test_user_profile_and_rights_take_two_queries(django_assert_num_queries) -> None:
    stored = make_user(roles.FINANCE)
    UserProfile.get_for_user(stored)
    with django_assert_num_queries(2):
        read = StaffBackend().get_user(stored.pk)
        assert read.wagtail_userprofile.user_id == stored.pk
        assert read.has_perm("wagtailadmin.access_admin")
        assert not read.has_perm("payments.no_such_right")
