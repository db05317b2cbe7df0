"""Sign-in in Wagtail's administration."""

from collections.abc import Iterator

from django.contrib.auth.models import Permission, User
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.widgets.button import Button
from wagtail.models import Page
from wagtail.users.forms import PagePermissionsForm

from cms.accounts import invitations
from cms.accounts.backoffice import SignInView
from cms.audit import Actor


def page_right(permission: Permission) -> str:
    """In the user's language, as Wagtail says it of collections; the right itself has an English
    name in every database."""
    for codename, _short, words in Page.permission_types:
        if codename == permission.codename:
            return str(words)
    return str(permission)


PagePermissionsForm.base_fields["permissions"].label_from_instance = page_right


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    return [path("sign-in/<int:pk>/", SignInView.as_view(), name="accounts_sign_in")]


@hooks.register("register_user_listing_buttons")
def sign_in_button(user: User, request_user: User) -> Iterator[Button]:
    if request_user.is_superuser:
        url = reverse("accounts_sign_in", args=[user.pk])
        yield Button(_("Sign-in"), url, icon_name="key", priority=20)


@hooks.register("after_create_user")
def invite(request: HttpRequest, user: User) -> None:
    """Whoever is new chooses a password of their own; the administrator never knows one."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
    invitations.invite(actor=Actor.by(request.user), user=user)  # type: ignore[arg-type]
