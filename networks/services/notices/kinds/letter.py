"""The kind whose text staff write anew each time, to members whom they choose in the list."""

from django.utils.translation import gettext_lazy as _

from cms.messages.kinds import MessageKind, Placeholder, register
from networks.services.notices.kinds.shared import MEMBERSHIP, MEMBERSHIP_GROUP

register(
    MessageKind(
        "letter",
        group=MEMBERSHIP_GROUP,
        label=_("A mail written to chosen members"),
        sent=_("When staff choose members in the list and write to them."),
        to=_("The contact"),
        placeholders=(
            *MEMBERSHIP,
            Placeholder("emne", _("the subject that was written"), "subject"),
            Placeholder("besked", _("the text that was written"), "text", required=True),
        ),
        sample={"subject": _("News from the network"), "text": _("Here stands what you write.")},
    )
)
