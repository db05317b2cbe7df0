"""Nobody without a second factor gets past enrolment."""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from wagtail.users.models import UserProfile

from cms.accounts import second_factor

GetResponse = Callable[[HttpRequest], HttpResponseBase]

#: What a session may do that has proved no second factor, and whose user has none …
ENROLMENT = frozenset(
    {
        "account_login",
        "account_logout",
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
    }
)
#: … and one whose user has one.
PROVING = frozenset(
    {"account_login", "account_logout", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
)


def _account_pages() -> str:
    return reverse("account_pages")


class SecondFactorMiddleware:
    """A session that has not proved a second factor is nobody's, outside the pages of sign-in.

    The administration sends it on to enrolment (or to prove the factor that the user has);
    everywhere else it sees what visitors see: no userbar, no draft, no private document. Costs no
    query for a session that has proved one; without a session's cookie, nothing at all.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.STAFF_MFA_REQUIRED and settings.SESSION_COOKIE_NAME in request.COOKIES:
            refusal = self._refusal(request)
            if refusal is not None:
                return refusal
        return self.get_response(request)

    def _refusal(self, request: HttpRequest) -> HttpResponseBase | None:
        is_account_page = request.path_info.startswith(_account_pages())
        if is_account_page or request.path_info.startswith(reverse("wagtailadmin_home")):
            if not request.user.is_authenticated or second_factor.is_proved(request):
                return None
            has_factor = second_factor.has_factor(request.user)
            allowed = PROVING if has_factor else ENROLMENT
            if is_account_page and _page_name(request) in allowed:
                return None
            return HttpResponseRedirect(_next_step(request.user, has_factor=has_factor))
        signed_in = request.user

        def user_or_nobody() -> AbstractBaseUser | AnonymousUser:
            request.user = signed_in
            is_somebody = signed_in.is_authenticated and second_factor.is_proved(request)
            request.user = signed_in if is_somebody else AnonymousUser()
            return request.user

        request.user = SimpleLazyObject(user_or_nobody)  # type: ignore[assignment]
        return None


def _page_name(request: HttpRequest) -> str | None:
    try:
        return resolve(request.path_info).url_name
    except Resolver404:
        return None


def _next_step(user: AbstractBaseUser, *, has_factor: bool) -> str:
    if not has_factor:
        return reverse("mfa_index")
    methods = get_adapter().get_reauthentication_methods(user)
    return next(str(way["url"]) for way in methods if way["id"].startswith("mfa_reauthenticate"))


class AccountLanguageMiddleware:
    """The pages of sign-in speak the language the user chose in the admin, else the browser's."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(_account_pages()):
            return self.get_response(request)
        with translation.override(_language(request)):
            response = self.get_response(request)
            if not response.streaming and hasattr(response, "render"):
                response = response.render()
        return response


def _language(request: HttpRequest) -> str:
    if request.user.is_authenticated:
        profile = UserProfile.objects.filter(user=request.user).first()
        if profile and profile.preferred_language:
            return str(profile.preferred_language)
    return translation.get_language_from_request(request)
