"""What administrators do about one mail: send it again, stop it, say that it is handled."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.audit import Actor
from cms.backoffice.rows import ActionView
from cms.messages import outbox
from cms.messages.models import HandledBecause, Message
from networks.backoffice.actions import OptionalReasonForm


class MessageAction(ActionView):
    refusals = (outbox.NotNow,)
    instance: Message

    @property
    def actor(self) -> Actor:
        return Actor.by(self.request.user)  # type: ignore[arg-type]

    def refusal_text(self, error: Exception) -> Any:
        return _("That can't be done now: the state has changed.")


class SendAgainView(MessageAction):
    name = "again"
    label = _("Send again")
    icon_name = "mail"
    success_message = _("The mail is sent again.")

    @classmethod
    def fits(cls, instance: Message) -> bool:
        return instance.state in outbox.SENDABLE_AGAIN

    def explanation(self) -> str:
        return _t("Sent to %(email)s once more, with the same text.") % {
            "email": self.instance.to_email
        }

    def perform(self, data: dict[str, Any]) -> None:
        outbox.send_again(self.instance.pk, actor=self.actor)


class StopView(MessageAction):
    name = "stop"
    label = _("Stop")
    icon_name = "cross"
    is_serious = True
    form_class = OptionalReasonForm
    success_message = _("The mail is stopped.")

    @classmethod
    def fits(cls, instance: Message) -> bool:
        return instance.state in outbox.WAITING

    def explanation(self) -> str:
        return _t("The mail has not left yet, and will not be sent. It can be sent later.")

    def perform(self, data: dict[str, Any]) -> None:
        outbox.stop(self.instance.pk, actor=self.actor, **data)


class HandledForm(forms.Form):
    """Why, by choices alone: the history is kept longer than what it tells of people."""

    because = forms.ChoiceField(
        label=_("Why"),
        choices=HandledBecause.choices,
        help_text=_("Kept in the history; not sent to anyone."),
        widget=forms.RadioSelect,
    )


class HandleView(MessageAction):
    name = "handled"
    label = _("Mark as handled")
    icon_name = "check"
    form_class = HandledForm
    success_message = _("Handled: it has left the desk. You find it under “Handled” in the list.")

    @classmethod
    def fits(cls, instance: Message) -> bool:
        return outbox.is_unhandled(instance)

    def explanation(self) -> str:
        return _t("Nothing is sent. The mail leaves the desk, and can be taken up again.")

    def perform(self, data: dict[str, Any]) -> None:
        outbox.handle(self.instance.pk, actor=self.actor, **data)


class TakeUpAgainView(MessageAction):
    name = "take_up_again"
    label = _("Take up again")
    icon_name = "resubmit"
    success_message = _("It is on the desk again.")

    @classmethod
    def fits(cls, instance: Message) -> bool:
        return instance.handled_at is not None

    def explanation(self) -> str:
        return _t("The mail is put back among those that did not arrive. Nothing is sent.")

    def perform(self, data: dict[str, Any]) -> None:
        outbox.take_up_again(self.instance.pk, actor=self.actor)
