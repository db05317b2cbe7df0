"""Where the reader is: the menu, the way to the page, the pages below it, and whose site it is.

Nothing here touches the user or the session: an anonymous page sets no cookie and varies on none.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import Context
from wagtail.admin.templatetags.wagtailuserbar import wagtailuserbar
from wagtail.models import Page, Site

from home.models import Organisation
from home.models.pages import menu_and_trail

register = template.Library()


@dataclass(frozen=True)
class Entry:
    """A link to a page. ``is_current``: it is the page; ``is_within``: it is above the page."""

    title: str
    url: str
    is_current: bool = False
    is_within: bool = False


@dataclass(frozen=True)
class Navigation:
    """``trail``: from the front page down to the page itself (empty outside the page tree)."""

    home_url: str = "/"
    menu: tuple[Entry, ...] = ()
    trail: tuple[Entry, ...] = ()


def _site(context: Context) -> Site | None:
    request = context.get("request")
    return Site.find_for_request(request) if isinstance(request, HttpRequest) else None


def _page(context: Context) -> Page | None:
    """The page shown, or the network that a page outside the tree belongs to."""
    page = context.get("page") or context.get("network")
    return page if isinstance(page, Page) and page.path else None


def _entries(pages: Iterable[Page], request: HttpRequest, here: Page | None) -> tuple[Entry, ...]:
    path = here.path if here else ""
    return tuple(
        Entry(
            title=page.title,
            url=page.get_url(request) or "/",
            is_current=page.path == path,
            is_within=path.startswith(page.path),
        )
        for page in pages
    )


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> Navigation:
    """The site's menu (pages below the front page that are shown in menus) and the trail."""
    site = _site(context)
    if site is None:
        return Navigation()
    request, root, here = context["request"], site.root_page, _page(context)
    pages = getattr(request, "menu_and_trail", None) or list(menu_and_trail(root, here))
    within = here.path if here else ""
    return Navigation(
        home_url=root.get_url(request) or "/",
        menu=_entries(
            (page for page in pages if page.show_in_menus and page.depth == root.depth + 1),
            request,
            here,
        ),
        trail=_entries((page for page in pages if within.startswith(page.path)), request, here),
    )


@register.simple_tag(takes_context=True)
def organisation(context: Context) -> Organisation:
    """The organisation that runs the site, or an empty one. Reading never writes a row."""
    site = _site(context)
    return Organisation.of(site.pk if site else None)


@register.simple_tag
def site_name() -> str:
    return str(settings.WAGTAIL_SITE_NAME)


@register.simple_tag
def child_pages(page: Page, only_in_menus: bool = False) -> list[Page]:
    """The published pages below a page, with their introductions, in the editors' order."""
    children = page.get_children().live().public()
    return list((children.in_menu() if only_in_menus else children).specific())


@register.simple_tag(takes_context=True)
def userbar(context: Context) -> str:
    """Wagtail's user bar for whoever may be signed in: only where a session cookie was sent."""
    request = context.get("request")
    if request is None or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""
    return str(wagtailuserbar(context))
