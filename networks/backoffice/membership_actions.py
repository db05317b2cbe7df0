"""What administrators do to a membership, each through its service."""

from typing import Any, ClassVar

from django.forms import Form
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.backoffice.rows import ActionView
from networks.backoffice import membership_forms as forms
from networks.backoffice.actions import OptionalReasonForm, ServicePage
from networks.backoffice.membership_page import day, place_in_line
from networks.backoffice.wording import places_text
from networks.models import Membership
from networks.policies import HANDLE
from networks.rules.states import Status
from networks.services import lifecycle, people, returning_seats, waitlist
from networks.services.actions import allowed_actions
from payments.policies import charge_policy


class MembershipAction(ServicePage, ActionView):
    """``step``: the name by which ``allowed_actions`` knows it."""

    step: ClassVar[str] = ""
    form_class: type[Form] = OptionalReasonForm
    instance: Membership

    @classmethod
    def fits(cls, instance: Membership) -> bool:
        return cls.step in allowed_actions(instance)

    def with_relations(self, rows: Any) -> Any:
        return rows.select_related("network", "municipality", "contact", "first_season")


class ApproveView(MembershipAction):
    name = step = "approve"
    permission = HANDLE
    label = _("Approve")
    icon_name = "check"
    form_class = forms.ApproveForm
    success_message = _("Approved.")

    def explanation(self) -> str:
        return _t("%(email)s is not at a known mail domain of %(organisation)s.") % {
            "email": self.instance.contact.email,
            "organisation": self.instance.organisation,
        }

    def perform(self, data: dict[str, Any]) -> Any:
        membership = lifecycle.approve(self.instance.pk, actor=self.actor, **data)
        if membership.state == Status.PENDING_APPROVAL:
            return _("Approved. The price has risen, so the applicant is asked to accept it.")
        return None


class RejectView(MembershipAction):
    name = step = "reject"
    permission = HANDLE
    label = _("Reject")
    icon_name = "cross"
    form_class = forms.RejectForm
    is_serious = True
    success_message = _("Rejected; the applicant is told by e-mail.")

    def perform(self, data: dict[str, Any]) -> None:
        lifecycle.reject(self.instance.pk, actor=self.actor, **data)


class OfferView(MembershipAction):
    name = step = "offer"
    permission = HANDLE
    label = _("Move up from the waiting list")
    icon_name = "arrow-up"
    form_class = forms.OfferForm
    success_message = _("A place is offered by e-mail.")

    def explanation(self) -> str:
        return places_text(self.instance.network)

    def perform(self, data: dict[str, Any]) -> None:
        waitlist.offer_place(self.instance.pk, actor=self.actor, **data)


class MoveInLineView(MembershipAction):
    name = "move"
    label = _("Another place in line")
    icon_name = "order"
    is_secondary = True
    form_class = forms.PositionForm

    @classmethod
    def fits(cls, instance: Membership) -> bool:
        return instance.state == Status.WAITLISTED

    def get_initial(self) -> dict[str, Any]:
        return {"position": place_in_line(self.instance)}

    def perform(self, data: dict[str, Any]) -> None:
        waitlist.move_in_queue(self.instance.pk, actor=self.actor, **data)


class CancelView(MembershipAction):
    name = step = "cancel"
    label = _("Cancel the membership")
    icon_name = "calendar-alt"
    form_class = forms.CancelForm
    is_serious = True
    success_message = _("The cancellation is received; the contact is told by e-mail.")

    def explanation(self) -> str:
        ends_on = day(lifecycle.cancellation_date(self.instance))
        text = _t("Cancelled today, the membership ends on %(date)s.") % {"date": ends_on}
        if lifecycle.is_credited(self.instance):
            return text + " " + _t("The season has not begun: its charge is credited.")
        return text

    def get_form_kwargs(self) -> dict[str, Any]:
        may_credit = charge_policy.user_has_permission(self.request.user, "view")
        return {**super().get_form_kwargs(), "may_credit": may_credit}

    def perform(self, data: dict[str, Any]) -> None:
        lifecycle.cancel(self.instance.pk, actor=self.actor, **data)


class UndoCancellationView(MembershipAction):
    name = step = "undo_cancellation"
    label = _("Undo the cancellation")
    icon_name = "rotate"
    template_name = "networks/backoffice/undo_cancellation.html"
    success_message = _("The cancellation is undone; the contact is told by e-mail.")

    def explanation(self) -> str:
        return _t(
            "The membership would end on %(date)s. Undone, it goes on: the fee that the "
            "cancellation credited is charged again, and the seats that it took come back where "
            "there is room. A seat that was paid for by itself and credited is not taken again."
        ) % {"date": day(self.instance.ends_on)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = returning_seats.outlook(self.instance)
        lost = [row for row in rows if row.obstacle]
        return super().get_context_data(
            **{"lost": lost, "number_back": len(rows) - len(lost), **kwargs}
        )

    def perform(self, data: dict[str, Any]) -> Any:
        undone = lifecycle.undo_cancellation(self.instance.pk, actor=self.actor, **data)
        if not undone.lost:
            return None
        seats = " ".join(str(row) for row in undone.lost)
        return _t("The cancellation is undone. These seats could not come back: %(seats)s") % {
            "seats": seats
        }


class WithdrawView(MembershipAction):
    name = step = "withdraw"
    label = _("Withdraw the sign-up")
    icon_name = "resubmit"
    is_serious = True
    success_message = _("Withdrawn.")

    def explanation(self) -> str:
        return _t("The sign-up is taken back, its place becomes free, and its links stop working.")

    def perform(self, data: dict[str, Any]) -> None:
        lifecycle.withdraw(self.instance.pk, actor=self.actor, **data)


class NewLinkView(MembershipAction):
    name = step = "new_link"
    permission = HANDLE
    label = _("Send a new link")
    icon_name = "mail"
    is_secondary = True
    success_message = _("A new link is sent.")

    def explanation(self) -> str:
        return _t("Sent to %(email)s. Earlier links stop working.") % {
            "email": self.instance.contact.email
        }

    def get_form(self) -> Any:
        form = super().get_form()
        del form.fields["reason"]
        return form

    def perform(self, data: dict[str, Any]) -> None:
        people.send_new_link(self.instance.pk, actor=self.actor)


class CorrectContactView(MembershipAction):
    name = "contact"
    step = "correct"
    label = _("Correct contact")
    icon_name = "user"
    is_secondary = True
    form_class = forms.ContactForm
    success_message = _("Corrected.")

    def get_initial(self) -> dict[str, Any]:
        person = self.instance.contact
        return {name: getattr(person, name) for name in ("name", "email", "job_title", "phone")}

    def explanation(self) -> str:
        return _t("With another address, earlier links stop working until it is confirmed.")

    def perform(self, data: dict[str, Any]) -> None:
        people.correct_contact(self.instance.pk, actor=self.actor, **data)


class CorrectBuyerView(MembershipAction):
    name = "buyer"
    step = "correct"
    label = _("Correct invoice details")
    icon_name = "form"
    is_secondary = True
    form_class = forms.BuyerForm
    success_message = _("Corrected.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "method": self.instance.method}

    def get_initial(self) -> dict[str, Any]:
        return self.instance.buyer()

    def explanation(self) -> str:
        return _t("Used for invoices to come. Charges already made keep what they say.")

    def perform(self, data: dict[str, Any]) -> None:
        reason = data.pop("reason")
        people.correct_buyer(self.instance.pk, actor=self.actor, buyer=data, reason=reason)
