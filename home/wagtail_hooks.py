"""The administration's look beside Wagtail's own."""

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks


@hooks.register("insert_global_admin_css")
def backoffice_styles() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("cms/backoffice.css"))


@hooks.register("register_icons")
def backoffice_icons(icons: list[str]) -> list[str]:
    return [*icons, "cms/backoffice/icons/calculator.svg"]
