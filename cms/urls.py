"""Every address of the site."""

from django.conf import settings
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from cms.backoffice.javascript_catalog import javascript_catalog

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/jsi18n/", javascript_catalog),
    # Wagtail's own ways to sign in know of no second factor.
    path("admin/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("_util/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("konto/", include("cms.accounts.urls")),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("", include("payments.urls")),
    path("", include("networks.public.urls")),
    path("", include("home.urls")),
]

if settings.MAILBOX_DIRECTORY:
    urlpatterns += [path("mailbox/", include("cms.mailbox"))]

if settings.DEBUG:
    urlpatterns += [
        *staticfiles_urlpatterns(),
        path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}),
    ]

urlpatterns += [path("", include(wagtail_urls))]
