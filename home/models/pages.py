"""The site around the networks: front page, topics, ordinary pages."""

from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page, PageViewRestriction
from wagtail.search import index
from wagtail.url_routing import RouteResult

from home.blocks import BodyBlock

#: What an address and a link's text need.
LINK_FIELDS = ("title", "path", "depth", "url_path", "slug", "show_in_menus", "content_type")


def menu_and_trail(root: Page, here: Page | None, also: Q | None = None) -> QuerySet[Page]:
    """The menu's pages, and those from the site's root to the page, live ones, in one query."""
    wanted = Q(path__startswith=root.path, depth=root.depth + 1, show_in_menus=True)
    if here is not None and here.path.startswith(root.path):
        steps = range(root.depth, here.depth + 1)
        wanted |= Q(path__in=[here.path[: depth * Page.steplen] for depth in steps])
    if also is not None:
        wanted |= also
    pages: QuerySet[Page] = Page.objects.live().filter(wanted).order_by("path")
    return pages.only(*LINK_FIELDS)


class RestrictedInOneQuery:
    """A page's view restrictions, its ancestors' included, looked up in one query."""

    path: str

    def get_view_restrictions(self) -> QuerySet[PageViewRestriction]:
        """As Wagtail's: of an alias its source's count."""
        steps = range(1, len(self.path) // Page.steplen + 1)
        paths = [self.path[: depth * Page.steplen] for depth in steps]
        restrictions: QuerySet[PageViewRestriction] = PageViewRestriction.objects.filter(
            Q(page__path__in=paths, page__alias_of__isnull=True) | Q(page__aliases__path__in=paths)
        )
        return restrictions.distinct()


class ContentPage(RestrictedInOneQuery, Page):
    """What the site's ordinary pages have in common: an introduction and a body."""

    introduction = models.TextField(
        _("introduction"),
        blank=True,
        help_text=_("One or two sentences below the title; also shown where the page is listed."),
    )
    body = StreamField(BodyBlock(), verbose_name=_("content"), blank=True)

    content_panels = Page.content_panels + [FieldPanel("introduction"), FieldPanel("body")]
    search_fields = Page.search_fields + [
        index.SearchField("introduction"),
        index.SearchField("body"),
    ]

    class Meta:
        abstract = True


class HomePage(ContentPage):
    """The front page: what the site is, its topics, and the coming meetings."""

    image = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    template = "pages/home.html"
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["home.TopicPage", "home.StandardPage"]
    max_count_per_parent = 1
    content_panels = ContentPage.content_panels + [FieldPanel("image")]

    class Meta:
        verbose_name = _("front page")
        verbose_name_plural = _("front pages")

    def route(self, request: HttpRequest, path_components: list[str]) -> Any:
        """The page of a path in one look-up, instead of one for each of its parts.

        The same look-up brings the menu and the way to the page, which every page shows. No page
        type below this one takes parts of the path for itself, which is what Wagtail's own way of
        routing is for; a path that isn't found takes that way all the same.
        """
        if path_components:
            steps = range(len(path_components) + 1)
            addresses = [
                "/".join([self.url_path.rstrip("/"), *path_components[:n], ""]) for n in steps
            ]
            pages = list(menu_and_trail(self, None, Q(url_path__in=addresses)))
            for page in pages:
                if page.url_path == addresses[-1]:
                    request.menu_and_trail = pages  # type: ignore[attr-defined]
                    return RouteResult(page.specific)
        return super().route(request, path_components)


class TopicPage(ContentPage):
    """A professional area (fagområde), such as culture and leisure."""

    template = "pages/topic.html"
    parent_page_types = ["home.HomePage"]
    subpage_types = ["networks.NetworkIndexPage", "home.StandardPage"]

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")


class StandardPage(ContentPage):
    """Any other text: about, accessibility, privacy."""

    template = "pages/standard.html"
    parent_page_types = ["home.HomePage", "home.TopicPage", "home.StandardPage"]
    subpage_types = ["home.StandardPage"]

    class Meta:
        verbose_name = _("ordinary page")
        verbose_name_plural = _("ordinary pages")
