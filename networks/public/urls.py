"""Addresses of the public side of networks."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
