"""Headers and the same-origin rule of forms that carry no cookie."""

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse


class ContentSecurityMiddleware(CSPMiddleware):
    """The strict policy with nonces for the public site; Wagtail's admin has its own."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.path.startswith(reverse("wagtailadmin_home")):
            response["Content-Security-Policy"] = settings.ADMIN_CONTENT_SECURITY_POLICY
            return response
        return super().process_response(request, response)


def is_same_origin(request: HttpRequest) -> bool:
    """True when the browser says that the form was posted from this site.

    Forms on cacheable pages carry no CSRF token, since a token means a cookie. They have no
    authority to abuse (nobody is signed in); this keeps other sites from posting in a visitor's
    name. ``Sec-Fetch-Site`` if present, else ``Origin``; neither: refused.
    """
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is not None and origin == f"{request.scheme}://{request.get_host()}"


def client_address(request: HttpRequest) -> str:
    """The visitor's address as the outermost trusted proxy saw it (TRUSTED_PROXIES of them)."""
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if settings.TRUSTED_PROXIES and len(forwarded) >= settings.TRUSTED_PROXIES:
        return forwarded[-settings.TRUSTED_PROXIES].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
