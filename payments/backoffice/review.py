"""What finance decides about a payment: what needs review, and what is to be sent back."""

from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.audit import Actor
from cms.backoffice.rows import ActionView
from payments import money
from payments.gateway import GatewayError
from payments.models import Payment, PaymentState
from payments.services import charging, refunds, review
from payments.services.refunds import NothingToSendBack
from payments.services.review import NotDecidable, Obstacle

_OBSTACLES = {
    Obstacle.DECIDED: _("The payment has been decided on meanwhile. Nothing was changed."),
    Obstacle.UNPAID: _("Stripe says that nothing was paid. Close it as nothing received."),
    Obstacle.NOT_OURS: _(
        "At Stripe this is not the payment that was asked for: its money belongs to something "
        "else. Close it as nothing received."
    ),
    Obstacle.CURRENCY: _(
        "It was paid in another currency, which the books can't hold. Send it back in Stripe's "
        "dashboard, and then close it as nothing received."
    ),
    Obstacle.NOTHING_OWED: _("The charge is paid or credited: nothing is owed. Send it back."),
    Obstacle.TOO_LITTLE: _(
        "It does not cover what is owed. Send it back; the buyer can then pay the right amount."
    ),
    Obstacle.PAID: _("Stripe has the money. Accept the payment, or send it back."),
    Obstacle.UNDER_WAY: _("The money may still come. Ask Stripe again when it is known."),
}


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=250)


class _Decision(ActionView):
    form_class = ReasonForm
    refusals: ClassVar[tuple[type[Exception], ...]] = (NotDecidable, GatewayError)

    @classmethod
    def fits(cls, instance: Payment) -> bool:
        return instance.state == PaymentState.NEEDS_REVIEW

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("charge")

    @property
    def actor(self) -> Actor:
        return Actor.by(self.request.user)  # type: ignore[arg-type]

    def refusal_text(self, error: Exception) -> Any:
        if isinstance(error, NotDecidable):
            return _OBSTACLES[error.obstacle]
        return _("Stripe does not answer at the moment. Nothing was changed; try again.")


class AcceptView(_Decision):
    name = "accept"
    label = _("Accept as payment")
    icon_name = "check"
    success_message = _("Accepted: the charge is paid.")

    def explanation(self) -> str:
        return _t(
            "Stripe is asked what it received. If that covers what is owed of the charge, now "
            "%(owed)s, the charge is paid; what is above it is sent back."
        ) % {"owed": money.format_kroner(charging.still_owed(self.instance.charge))}

    def perform(self, data: dict[str, Any]) -> None:
        review.accept(self.instance.pk, actor=self.actor, reason=data["reason"])


class ReturnView(_Decision):
    name = "return"
    label = _("Send the money back")
    icon_name = "resubmit"
    success_message = _("The money is sent back. The charge is owed as before.")

    def explanation(self) -> str:
        return _t(
            "Everything that Stripe received is sent back. The charge stays as it is and gets no "
            "credit note; as long as it is owed it can be paid again."
        )

    def perform(self, data: dict[str, Any]) -> None:
        review.send_back(self.instance.pk, actor=self.actor, reason=data["reason"])


class CloseReviewView(_Decision):
    name = "close-review"
    label = _("Close as nothing received")
    icon_name = "cross"
    is_secondary = True
    success_message = _("Closed. If Stripe should receive money for it after all, it comes back.")

    def explanation(self) -> str:
        return _t(
            "Only when Stripe has no money of it: it was never paid, or was sent back in Stripe's "
            "dashboard. A payment page that is still open is closed."
        )

    def perform(self, data: dict[str, Any]) -> None:
        review.close(self.instance.pk, actor=self.actor, reason=data["reason"])


class SendBackForm(ReasonForm):
    """``key`` is made with the page, so that one page sends once, however often it is sent."""

    key = forms.UUIDField(widget=forms.HiddenInput)


class SendBackView(_Decision):
    """A refund failed, or money came when nothing was owed any more."""

    name = "send-back"
    label = _("Send back what is owed")
    icon_name = "resubmit"
    form_class = SendBackForm
    refusals = (NothingToSendBack,)
    success_message = _("It is sent back. Whether it arrives is told here.")

    @classmethod
    def fits(cls, instance: Payment) -> bool:
        return refunds.seems_owed_back(instance)

    def get_initial(self) -> dict[str, Any]:
        return {"key": uuid4()}

    def explanation(self) -> str:
        return _t(
            "%(amount)s is owed to the buyer and is sent back the way it came. Does it fail again, "
            "ask the buyer's bank or Stripe why."
        ) % {"amount": money.format_kroner(refunds.to_send_back(self.instance))}

    def refusal_text(self, error: Exception) -> Any:
        return _("Nothing is owed of it, or it is on its way back already.")

    def perform(self, data: dict[str, Any]) -> None:
        refunds.send_back(
            self.instance.pk, key=str(data["key"]), reason=data["reason"], actor=self.actor
        )
