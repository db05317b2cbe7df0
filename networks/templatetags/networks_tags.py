"""What templates of any room show of networks."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.utils import timezone
from wagtail.models import Page

from networks.models import Meeting, NetworkPage, PrivacySettings, privacy_settings
from networks.public.forms import SignUpForm
from networks.public.presentation import NetworkView
from networks.public.seasons import MeetingView
from payments import money

register = template.Library()


@dataclass(frozen=True)
class NetworkTeaser:
    """A network in a list on another page."""

    title: str
    introduction: str
    audience: str
    url: str
    next_meeting: MeetingView | None
    price: str
    room: str


@dataclass(frozen=True)
class MeetingTeaser:
    title: str
    when: str
    place: str
    url: str
    network_title: str
    starts_at: Any


@register.simple_tag
def network_view(page: NetworkPage) -> NetworkView:
    return NetworkView(page)


@register.simple_tag
def kept_for() -> PrivacySettings:
    """How long personal data are kept."""
    return privacy_settings()


@register.simple_tag(takes_context=True)
def signup_form(context: template.Context, view: NetworkView) -> SignUpForm:
    """An empty form for the network; an invitation in the address goes along."""
    request = context.get("request")
    invitation = request.GET.get("invitation", "") if request else ""
    return SignUpForm(view, invitation=invitation)


@register.simple_tag
def networks_of(page: Page) -> list[NetworkView]:
    """The live networks below a page, in the order of the page tree."""
    networks = NetworkPage.objects.live().descendant_of(page).select_related("locale")
    return [NetworkView(network) for network in networks.order_by("path")]


@register.simple_tag
def featured_networks(limit: int = 6) -> list[NetworkTeaser]:
    """Live networks for the front page."""
    networks = NetworkPage.objects.live().select_related("locale").order_by("path")[:limit]
    return [_teaser(NetworkView(network)) for network in networks]


def _teaser(view: NetworkView) -> NetworkTeaser:
    return NetworkTeaser(
        title=view.page.title,
        introduction=view.page.introduction,
        audience=view.page.audience_summary,
        url=view.url,
        next_meeting=view.next_meeting,
        price=view.price_text,
        room=view.room,
    )


@register.simple_tag
def coming_meetings(limit: int = 5) -> list[MeetingTeaser]:
    """The next dated meetings of all live networks."""
    meetings = (
        Meeting.objects.filter(
            starts_at__gt=timezone.now(),
            season__page__live=True,
            record__cancelled_at__isnull=True,
        )
        .select_related("season__page__locale", "host")
        .order_by("starts_at")[:limit]
    )
    teasers = []
    for meeting in meetings:
        view = MeetingView(meeting, is_past=False)
        page = meeting.season.page
        teasers.append(
            MeetingTeaser(
                view.title, view.when, view.place, page.get_url(), page.title, meeting.starts_at
            )
        )
    return teasers


@register.filter
def kroner(amount: int | None) -> str:
    """øre as kroner: 7.000 kr."""
    return "" if amount is None else money.format_kroner(amount)


@register.filter
def lines_joined(text: str) -> str:
    """Lines as a comma-separated list."""
    return ", ".join(line.strip() for line in text.splitlines() if line.strip())
