"""The administration's look beside Wagtail's own."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks

from cms.backoffice.desk import DeskPanel


@hooks.register("insert_global_admin_css")
def backoffice_styles() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("cms/backoffice.css"))


@hooks.register("register_icons")
def backoffice_icons(icons: list[str]) -> list[str]:
    return [*icons, "cms/backoffice/icons/calculator.svg"]


@hooks.register("construct_homepage_panels")
def desk_first(request: HttpRequest, panels: list[Any]) -> None:
    panels.append(DeskPanel(request))


@hooks.register("construct_homepage_summary_items", order=1000)
def no_summary(request: HttpRequest, items: list[Any]) -> None:
    """How many pages and pictures there are helps nobody; the desk says what waits."""
    items.clear()
