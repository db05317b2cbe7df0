"""Cancelling a meeting: what follows is shown first, and whether members get something back."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cms.backoffice.rows import ActionView
from networks.backoffice.actions import ReasonForm, ServicePage
from networks.backoffice.membership_page import day
from networks.models import Meeting
from networks.rules.seats import has_started
from networks.services import meetings
from networks.services.compensation import Compensation, Offer
from networks.services.meetings import Outlook
from networks.services.seats import who_comes
from payments import money
from payments.fields import KronerFormField
from payments.policies import charge_policy

NOTHING, AMOUNT = "nothing", "amount"


class CancelMeetingForm(ReasonForm):
    """Why, and what members get back. ``offer`` None: money is not this user's."""

    compensation = forms.ChoiceField(
        label=_("What each member gets back"),
        choices=[(NOTHING, _("Nothing")), (AMOUNT, _("A part of the fee for the season"))],
        initial=NOTHING,
        widget=forms.RadioSelect,
    )
    net = KronerFormField(
        label=_("Amount for each member, excl. VAT"),
        required=False,
        help_text=_(
            "Credited with VAT, at most what each was charged; what was paid by card is sent back."
        ),
    )
    seats = forms.BooleanField(
        label=_("Credit in full the seats at this meeting that were paid for by themselves"),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, offer: Offer | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if offer is None or not offer.memberships:
            del self.fields["compensation"], self.fields["net"]
        else:
            self.fields["net"].initial = offer.proposed or None
        if offer is None or not offer.seats:
            del self.fields["seats"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        wants = data.get("compensation") == AMOUNT
        if wants and "net" not in self.errors and not data.get("net"):
            self.add_error("net", _("Write how much each member gets back."))
        return data


class CancelMeetingView(ServicePage, ActionView):
    name = "cancel"
    label = _("Cancel the meeting")
    icon_name = "calendar-alt"
    form_class = CancelMeetingForm
    template_name = "networks/backoffice/cancel_meeting.html"
    is_serious = True
    success_message = _("The meeting is cancelled; those who were to come are told by e-mail.")
    instance: Meeting

    @classmethod
    def fits(cls, instance: Meeting) -> bool:
        return not instance.is_cancelled and not has_started(instance.starts_at, timezone.now())

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("season__page", "record", "host")

    def explanation(self) -> str:
        return _t(
            "The meeting leaves the calendars of those who were to come, its seats are given "
            "back, and it no longer counts for the price of those who join later. This can't be "
            "undone."
        )

    @cached_property
    def outlook(self) -> Outlook:
        return meetings.outlook(self.instance)

    def get_form_kwargs(self) -> dict[str, Any]:
        may_credit = charge_policy.user_has_permission(self.request.user, "view")
        offer = self.outlook.offer if may_credit else None
        return {**super().get_form_kwargs(), "offer": offer}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        seats = who_comes(self.instance)
        return super().get_context_data(
            **{
                "effects": self.effects(),
                "names": [f"{row.participant.name}, {row.membership.party_name}" for row in seats],
                **kwargs,
            }
        )

    def effects(self) -> list[str]:
        """What follows, one sentence each."""
        outlook = self.outlook
        found = [
            ngettext(
                "%(number)s participant is affected.",
                "%(number)s participants are affected.",
                outlook.participants,
            )
            % {"number": outlook.participants},
            ngettext(
                "%(number)s person is told by e-mail.",
                "%(number)s people are told by e-mail.",
                outlook.notices,
            )
            % {"number": outlook.notices},
        ]
        if outlook.fee_changes:
            found.append(
                _t("Who joins now pays %(after)s in place of %(before)s (excl. VAT).")
                % {"before": _price(outlook.fee_before), "after": _price(outlook.fee_after)}
            )
        if outlook.reminder_on:
            found.append(
                _t("The reminder of %(before)s is not sent.") % {"before": day(outlook.reminder_on)}
            )
        return [*found, *self.money_effects()]

    def money_effects(self) -> list[str]:
        """What could be given back, for whoever may see what was charged."""
        offer = self.outlook.offer
        if not charge_policy.user_has_permission(self.request.user, "view"):
            return []
        found = []
        if offer.memberships:
            found.append(
                ngettext(
                    "%(number)s member has been charged a fee that this meeting is part of.",
                    "%(number)s members have been charged a fee that this meeting is part of.",
                    offer.memberships,
                )
                % {"number": offer.memberships}
            )
        if offer.seats:
            found.append(
                ngettext(
                    "%(number)s seat was paid for by itself: %(net)s excl. VAT.",
                    "%(number)s seats were paid for by themselves: %(net)s excl. VAT in all.",
                    offer.seats,
                )
                % {"number": offer.seats, "net": money.format_kroner(offer.seats_net)}
            )
        return found

    def perform(self, data: dict[str, Any]) -> None:
        meetings.cancel_meeting(
            self.instance.pk,
            actor=self.actor,
            reason=data["reason"],
            compensate=compensation_in(data),
        )


def compensation_in(data: dict[str, Any]) -> Compensation:
    """What was decided in a valid form."""
    net = data.get("net") if data.get("compensation") == AMOUNT else None
    return Compensation(net=net or 0, seats=bool(data.get("seats")))


def _price(net: int | None) -> str:
    return _t("nothing (it can't be joined)") if net is None else money.format_kroner(net)
