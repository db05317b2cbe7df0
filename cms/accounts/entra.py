"""Sign-in with Entra ID by OpenID Connect, for named tenants only.

Each tenant is a provider of its own, with its own issuer. Who somebody is, is told by issuer and
object id (``oid``), never by an e-mail address: whoever runs a tenant can write any address there.
"""

from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.socialaccount.signals import social_account_added, social_account_removed
from django.conf import settings
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse

from cms import audit
from cms.audit import Actor

#: What of Entra's claims is kept: who it is, how they signed in, and a name to know it by.
KEPT = ("oid", "tid", "amr", "acr", "acrs", "preferred_username")


class EntraAdapter(OpenIDConnectOAuth2Adapter):
    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """The token's claims; raises OAuth2Error unless it is signed by the tenant, for us."""
        tenant, issuer = app.settings["tenant"], app.settings["issuer"]
        if self.openid_config["issuer"] != issuer:
            raise OAuth2Error("The issuer is not the tenant's.")
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=issuer,
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
            verify_signature=True,
        )
        if claims.get("tid") != tenant or not claims.get("oid"):
            raise OAuth2Error("The token is not of the tenant.")
        return claims


class EntraProvider(OpenIDConnectProvider):
    oauth2_adapter_class = EntraAdapter

    def serialize(self) -> dict[str, Any]:
        """By its own id: tenants can share a client id, by which allauth would look it up."""
        return {"id": self.sub_id}

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        claims = data["id_token"]
        return {"id_token": {name: claims[name] for name in KEPT if name in claims}}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        return []


def has_proved_second_factor(login: SocialLogin) -> bool:
    """Whether Entra asked for it: its claims say so, or the operator vouches for the tenants."""
    if settings.ENTRA_ENFORCES_MFA:
        return True
    claims = login.account.extra_data.get("id_token", {})
    context = settings.ENTRA_MFA_CONTEXT
    return "mfa" in _list(claims.get("amr")) or bool(
        context and context in [*_list(claims.get("acrs")), *_list(claims.get("acr"))]
    )


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    _check(provider_id)
    view = OAuth2LoginView.adapter_view(EntraAdapter(request, provider_id))
    response: HttpResponse = view(request)
    return response


def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    _check(provider_id)
    view = OAuth2CallbackView.adapter_view(EntraAdapter(request, provider_id))
    response: HttpResponse = view(request)
    return response


def _check(provider_id: str) -> None:
    apps = get_adapter().list_apps(None, provider=provider_id)
    if provider_id not in {app.provider_id for app in apps}:
        raise Http404


@receiver(social_account_added, dispatch_uid="accounts.entra_linked")
def linked(request: HttpRequest, sociallogin: SocialLogin, **kwargs: Any) -> None:
    user = sociallogin.user
    audit.record(actor=Actor.by(user), action="user.entra_linked", subject=user)


@receiver(social_account_removed, dispatch_uid="accounts.entra_unlinked")
def unlinked(request: HttpRequest, socialaccount: SocialAccount, **kwargs: Any) -> None:
    user = socialaccount.user
    audit.record(actor=Actor.by(user), action="user.entra_unlinked", subject=user)
