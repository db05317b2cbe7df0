"""What members take part in, on a meeting's page: its programme and its materials."""

from typing import Any

from cms.backoffice.admin import RowAdmin
from networks.backoffice.contributions import OfferAdmin, TopicAdmin
from networks.backoffice.materials import MaterialAdmin
from networks.backoffice.programme import ProgrammeItemAdmin, add_url
from networks.models import Meeting
from networks.policies import visible_networks

topics, offers = TopicAdmin(), OfferAdmin()
programme_items, materials = ProgrammeItemAdmin(), MaterialAdmin()


def meeting_sections(user: Any, meeting: Meeting) -> dict[str, Any]:
    """The context of ``networks/backoffice/taking_part.html``: what the user may see of it, and
    which buttons they have."""
    is_visible = visible_networks(user).filter(pk=meeting.season.page_id).exists()
    if not is_visible:
        return {}
    return {
        "programme": _section(programme_items, user, meeting),
        "materials": _section(materials, user, meeting),
    }


def _section(admin: RowAdmin, user: Any, meeting: Meeting) -> dict[str, Any] | None:
    """The rows with the addresses of their actions; None for who may not see them."""
    policy = admin.policy
    if not policy.user_has_permission(user, "view"):
        return None
    rows = policy.instances_user_has_permission_for(user, "view").filter(meeting=meeting)
    allowed = [
        action for action in admin.actions if policy.user_has_permission(user, action.permission)
    ]
    return {
        "rows": [
            {
                "row": row,
                "url": admin.row_url("inspect", row.pk),
                "actions": {action.name: admin.row_url(action.name, row.pk) for action in allowed},
            }
            for row in rows
        ],
        "add_url": (add_url(admin, meeting) if policy.user_has_permission(user, "add") else ""),
    }
