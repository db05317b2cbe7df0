"""The kinds of message that networks send, registered for the administration.

How a kind is added stands in ``cms.messages``. ``shared`` holds the groups and the placeholders
that many have in common.
"""

from networks.services.notices.kinds import (
    guests,
    letter,
    meetings,
    people,
    sign_up,
    taking_part,
    years,
)

__all__ = ["guests", "letter", "meetings", "people", "sign_up", "taking_part", "years"]
