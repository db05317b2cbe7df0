"""Addresses of the site around the networks."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
