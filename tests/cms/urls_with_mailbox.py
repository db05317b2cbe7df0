"""The site's addresses with development's mailbox."""

from django.urls import include, path

from cms.urls import urlpatterns as site

urlpatterns = [path("mailbox/", include("cms.mailbox")), *site]
