"""What lists of requests have in common: who waits stands first, and where it belongs."""

from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import BooleanField, Case, QuerySet, Value, When
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cms.backoffice.listing import NEUTRAL, POSITIVE, WAITING
from networks.models import Membership, RequestState

_TONES = {RequestState.WAITING: WAITING, RequestState.ACCEPTED: POSITIVE}


def state_tone(row: Any) -> str:
    """Of a row with a ``RequestState``."""
    return _TONES.get(RequestState(row.state), NEUTRAL)


def waiting_first(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With ``is_answered`` to sort by."""
    answered = Case(
        When(state=RequestState.WAITING, then=Value(False)),
        default=Value(True),
        output_field=BooleanField(),
    )
    return rows.annotate(is_answered=answered)


def membership_link(membership: Membership) -> SafeString:
    """The membership's own page; who sees a request sees its membership."""
    url = reverse("networks_membership_modeladmin_inspect", args=[quote(membership.pk)])
    return format_html('<a href="{}">{}</a>', url, membership.party_name)
