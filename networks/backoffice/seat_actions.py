"""What administrators and coordinators do to a membership's participants on its behalf, also after
the deadline, with a reason."""

from typing import Any

from django.forms import Form
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.backoffice.rows import ActionView
from networks.backoffice import seat_forms as forms
from networks.backoffice.actions import ServicePage
from networks.models import Membership, Participant
from networks.policies import HANDLE
from networks.rules.states import Status
from networks.services import participants
from networks.services.seat_overview import MeetingSeats, overview
from payments.policies import charge_policy


class SeatAction(ServicePage, ActionView):
    permission = HANDLE
    is_secondary = True
    instance: Membership

    @classmethod
    def fits(cls, instance: Membership) -> bool:
        return instance.state == Status.ACTIVE

    def with_relations(self, rows: Any) -> Any:
        return rows.select_related("network", "municipality", "contact", "first_season")

    @cached_property
    def rows(self) -> list[MeetingSeats]:
        return overview(self.instance)

    @cached_property
    def people(self) -> list[Participant]:
        return list(self.instance.participants.filter(left_at__isnull=True).order_by("name"))

    @cached_property
    def form(self) -> Any:
        """The form of this request, which ``perform`` asks for what was meant."""
        return super().get_form()

    def get_form(self) -> Form:
        form: Form = self.form
        return form


class NameParticipantView(SeatAction):
    name = "name_participant"
    label = _("Name a participant")
    icon_name = "plus"
    form_class = forms.NameForm
    success_message = _("The participant is named, and gets an invitation by e-mail.")

    def explanation(self) -> str:
        return _t("Your word stands for the approval of an address elsewhere.")

    def get_form_kwargs(self) -> dict[str, Any]:
        may_charge = charge_policy.user_has_permission(self.request.user, "view")
        return {
            **super().get_form_kwargs(),
            "people": self.people,
            "rows": self.rows,
            "may_charge": may_charge,
        }

    def perform(self, data: dict[str, Any]) -> None:
        price = data.get("accepted_net") or 0
        participants.name(
            self.instance.pk,
            self.form.entry(tuple(int(key) for key in data["meetings"])),
            actor=self.actor,
            reason=data["reason"],
            as_extra=price > 0,
            accepted_net=price,
        )


class SwapParticipantView(SeatAction):
    name = "swap_participant"
    label = _("Swap a participant")
    icon_name = "resubmit"
    form_class = forms.SwapForm
    success_message = _("The participants are swapped. Both are told by e-mail.")

    def explanation(self) -> str:
        return _t("Only this meeting is changed. Both are told by e-mail.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "people": self.people, "rows": self.rows}

    def perform(self, data: dict[str, Any]) -> None:
        meeting, leaving = self.form.chosen
        participants.swap(
            self.instance.pk,
            meeting,
            leaving=leaving,
            entry=self.form.entry(),
            actor=self.actor,
            reason=data["reason"],
        )


class GiveBackView(SeatAction):
    name = "give_back_seat"
    label = _("Give a seat back")
    icon_name = "rotate"
    form_class = forms.SeatForm
    success_message = _("The seat is given back. The participant is told by e-mail.")

    def explanation(self) -> str:
        return _t("What was charged for the seat is credited when the deadline is not over.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "rows": self.rows}

    def perform(self, data: dict[str, Any]) -> None:
        meeting, participant = self.form.chosen
        participants.give_back(
            self.instance.pk,
            meeting,
            participant_id=participant,
            actor=self.actor,
            reason=data["reason"],
        )


class TakeOffParticipantView(SeatAction):
    name = "take_off_participant"
    label = _("Take a participant off")
    icon_name = "cross"
    form_class = forms.TakeOffForm
    is_serious = True
    success_message = _("The participant is taken off, and told by e-mail.")

    def explanation(self) -> str:
        return _t("The coming seats are given back; meetings that were held tell who came.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "people": self.people}

    def perform(self, data: dict[str, Any]) -> None:
        participants.take_off(
            self.instance.pk, int(data["participant"]), actor=self.actor, reason=data["reason"]
        )
