"""The pages of sign-in. There is no address for signing up, nor for confirming one's e-mail."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as linked
from allauth.usersessions import views as sessions
from django.urls import URLPattern, path, re_path
from django.views.generic import RedirectView

from cms.accounts import entra
from cms.accounts.second_factor import in_one_transaction

urlpatterns: list[URLPattern] = [
    path("", RedirectView.as_view(pattern_name="mfa_index"), name="account_pages"),
    path("log-ind/", account.login, name="account_login"),
    path("log-ud/", account.logout, name="account_logout"),
    path("lukket/", account.account_inactive, name="account_inactive"),
    path("bekraeft/", account.reauthenticate, name="account_reauthenticate"),
    path(
        "adgangskode/", in_one_transaction(account.password_change), name="account_change_password"
    ),
    path(
        "adgangskode/vaelg/", in_one_transaction(account.password_set), name="account_set_password"
    ),
    path("adgangskode/glemt/", account.password_reset, name="account_reset_password"),
    path("adgangskode/sendt/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^adgangskode/ny/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        in_one_transaction(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "adgangskode/skiftet/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("sikkerhed/", mfa.index, name="mfa_index"),
    path("andet-trin/", mfa.authenticate, name="mfa_authenticate"),
    path("bekraeft/kode/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("app/", in_one_transaction(app.activate_totp), name="mfa_activate_totp"),
    path("app/fjern/", in_one_transaction(app.deactivate_totp), name="mfa_deactivate_totp"),
    path("koder/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "koder/nye/",
        in_one_transaction(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("adgangsnoegler/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("adgangsnoegler/ny/", in_one_transaction(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("adgangsnoegler/log-ind/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("adgangsnoegler/<int:pk>/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path(
        "adgangsnoegler/<int:pk>/fjern/",
        in_one_transaction(passkeys.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
    path(
        "bekraeft/adgangsnoegle/",
        passkeys.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("enheder/", sessions.list_usersessions, name="usersessions_list"),
    path("tilknyt/", linked.connections, name="socialaccount_connections"),
    path("tilknyt/afbrudt/", linked.login_cancelled, name="socialaccount_login_cancelled"),
    path("tilknyt/fejl/", linked.login_error, name="socialaccount_login_error"),
    path("tilknyt/<slug:provider_id>/", entra.login, name="openid_connect_login"),
    path("tilknyt/<slug:provider_id>/svar/", entra.callback, name="openid_connect_callback"),
]
