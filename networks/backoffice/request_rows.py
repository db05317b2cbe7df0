"""What requests have in common: who waits stands first, where it belongs, how one is refused."""

from typing import Any

from django import forms
from django.contrib.admin.utils import quote
from django.db.models import BooleanField, Case, QuerySet, Value, When
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from cms.backoffice.listing import NEUTRAL, POSITIVE, WAITING
from networks.backoffice.actions import OptionalReasonForm
from networks.models import Membership, RequestState

_TONES = {RequestState.WAITING: WAITING, RequestState.ACCEPTED: POSITIVE}


class TurnDownForm(OptionalReasonForm):
    text = forms.CharField(
        label=_("Text to the colleague"),
        help_text=_("Mailed along with the answer."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


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
