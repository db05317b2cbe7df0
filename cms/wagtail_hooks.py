"""The search over everything, in the administration's sidebar."""

from typing import Any

from wagtail import hooks

from cms.backoffice import search


@hooks.register("register_admin_search_area")
def register_search() -> search.EverythingArea:
    return search.EverythingArea()


@hooks.register("register_admin_urls")
def register_search_page() -> list[Any]:
    return search.urlpatterns
