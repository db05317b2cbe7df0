"""Jobs of sign-in."""

from cms import queue
from cms.accounts import invitations


@queue.handles("cms.accounts.send_invitation")
def send_invitation(user_id: int) -> None:
    invitations.send_invitation(user_id)


@queue.handles("cms.accounts.tell_second_factor_reset")
def tell_second_factor_reset(user_id: int) -> None:
    invitations.tell_second_factor_reset(user_id)
