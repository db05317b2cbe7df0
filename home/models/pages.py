"""The site around the networks: front page, topics, ordinary pages."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index
from wagtail.url_routing import RouteResult

from home.blocks import BodyBlock


class ContentPage(Page):
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

        No page type below this one takes parts of the path for itself, which is what Wagtail's
        own way of routing is for; a path that isn't found takes that way all the same.
        """
        if path_components:
            url_path = f"{self.url_path}{'/'.join(path_components)}/"
            page = Page.objects.filter(url_path=url_path, live=True).specific().first()
            if page is not None:
                return RouteResult(page)
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
