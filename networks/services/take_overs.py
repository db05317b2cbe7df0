"""The contact has left: a colleague asks to take over, and an administrator decides.

The asker proves an address at the municipality's mail domain; the contact is told, and can object.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from cms import queue
from cms.audit import VISITOR
from networks.models import Handover, HandoverKind, Membership, NetworkPage, RequestState, Unit
from networks.rules.eligibility import at_domain, normalise_email
from networks.rules.states import OPEN
from networks.services.handovers import begin, close, confirm_address, locked_handover, waiting
from networks.services.notices import handovers as notices
from networks.services.transitions import locked

ASK_TO_TAKE_OVER = queue.Job("networks.ask_to_take_over")


def ask_to_take_over(
    network: NetworkPage, municipality_id: int, *, name: str, email: str, job_title: str, text: str
) -> None:
    """A colleague says that the contact has left. Whether there is such a membership is found out
    by a job, so that the asker is told the same either way, and as fast."""
    ASK_TO_TAKE_OVER.enqueue(
        network_id=network.pk,
        municipality_id=municipality_id,
        name=name,
        email=normalise_email(email),
        job_title=job_title,
        text=text,
    )


@transaction.atomic
def begin_take_over(
    network_id: int, municipality_id: int, *, name: str, email: str, job_title: str, text: str
) -> Handover | None:
    """Mail the asker a link that proves the address, where the municipality is a member and the
    address is at one of its mail domains; otherwise nothing happens (None)."""
    found = (
        Membership.objects.open()
        .filter(network_id=network_id, unit=Unit.MUNICIPALITY, municipality_id=municipality_id)
        .select_related("municipality")
        .first()
    )
    if found is None or not found.municipality or not at_domain(email, found.municipality.domains):
        return None
    membership = locked(found.pk)
    if membership.state not in OPEN or membership.contact.email == email:
        return None
    # Asked again by anybody: what the owner of the address has confirmed stays as it is.
    asked = membership.handovers.filter(kind=HandoverKind.TAKE_OVER, email=email)
    if asked.filter(state=RequestState.WAITING, confirmed_at__isnull=False).exists():
        return None
    handover = begin(
        membership,
        HandoverKind.TAKE_OVER,
        name=name,
        email=email,
        job_title=job_title,
        text=text,
    )
    notices.take_over_to_confirm(handover)
    return handover


@transaction.atomic
def confirm_take_over(handover_id: int) -> Handover:
    """The asker has proved the address: the contact is told, with a way to object, and an
    administrator decides."""
    handover = locked_handover(handover_id)
    if handover.state != RequestState.WAITING or handover.confirmed_at:
        return handover
    confirm_address(handover)
    notices.take_over_asked(handover)
    return handover


@transaction.atomic
def object_to(handover_id: int) -> Handover:
    """The contact is still there: the request is declined, and the asker told."""
    handover = waiting(handover_id)
    close(handover, RequestState.DECLINED, VISITOR, _("The contact objected"))
    notices.declined(handover, text="")
    return handover
