"""Telling a visitor why the organisation can't join."""

from django.utils.html import format_html
from django.utils.translation import gettext as _

from networks.public.presentation import NetworkView
from networks.rules.eligibility import Verdict


def refusal(verdict: Verdict, view: NetworkView) -> str:
    """Why, and what to do instead: be invited as a guest, or ask the contact."""
    contact = next(iter(view.contacts), None)
    whom = (
        format_html('<a href="mailto:{0}">{1}, {0}</a>', contact.email, contact.name)
        if contact
        else _("the organiser")
    )
    if verdict == Verdict.NOT_INVITED:
        return format_html(
            _("This network is by invitation. Write to {} if you want to take part."), whom
        )
    return format_html(
        _(
            "Only municipalities can be members. You can be invited to a single meeting as a "
            "guest, for example as a speaker or an expert: write to {}."
        ),
        whom,
    )
