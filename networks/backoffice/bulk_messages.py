"""Sending many mails again, and saying of many that they are handled."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.audit import Actor
from cms.backoffice.bulk import BulkActionView, Prospect
from cms.messages import outbox
from cms.messages.models import Message
from networks.backoffice.bulk import CARRY_OUT
from networks.backoffice.message_actions import HandledForm
from networks.backoffice.wording import message_state
from networks.policies import message_policy


class MessageBulkAction(BulkActionView):
    policy = message_policy
    permission = "change"
    job = CARRY_OUT
    refusals = (outbox.NotNow,)

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.defer("body", "attachments", "links")

    def refusal_text(self, error: Exception) -> Any:
        return _("That can't be done now: the state has changed.")

    def prospects(self, rows: Sequence[Message]) -> list[Prospect]:
        return [self.prospect(row) for row in rows]

    def prospect(self, row: Message) -> Prospect:
        raise NotImplementedError

    @staticmethod
    def cannot(row: Message) -> Prospect:
        text = _t("Its state is: %(state)s") % {"state": message_state(row)}
        return Prospect(row, text, possible=False)


class SendManyAgainView(MessageBulkAction):
    name = "again_many"
    path = "bulk/again"
    label = _("Send again")
    submit_format = _("Send %(number)s again")
    icon_name = "mail"
    nothing_to_do = _("None of those chosen can be sent again.")

    def explanation(self) -> str:
        return _t(
            "Only what did not arrive, or was stopped, is sent: to the same addresses, with "
            "the same text."
        )

    def prospect(self, row: Message) -> Prospect:
        if row.state not in outbox.SENDABLE_AGAIN:
            return self.cannot(row)
        return Prospect(row, _t("Is sent once more"))

    def perform_on(self, key: str, *, actor: Actor, data: dict[str, Any]) -> str:
        outbox.send_again(int(key), actor=actor)
        return _t("The mail is sent again.")


class HandleManyView(MessageBulkAction):
    name = "handle_many"
    path = "bulk/handled"
    label = _("Mark as handled")
    submit_format = _("Mark %(number)s as handled")
    icon_name = "check"
    form_class = HandledForm
    nothing_to_do = _("None of those chosen awaits being handled.")

    def explanation(self) -> str:
        return _t("Nothing is sent. The mails leave the desk, and can be taken up again.")

    def prospect(self, row: Message) -> Prospect:
        if not outbox.is_unhandled(row):
            return self.cannot(row)
        return Prospect(row, _t("Leaves the desk"))

    def perform_on(self, key: str, *, actor: Actor, data: dict[str, Any]) -> str:
        outbox.handle(int(key), actor=actor, **data)
        return _t("Handled")
