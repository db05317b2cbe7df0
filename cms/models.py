"""The core's tables; each lives beside the code that writes it."""

from cms.access_log import AccessEntry
from cms.audit import AuditEntry
from cms.bulk import BulkItem, BulkRun
from cms.links import Link
from cms.messages.models import Message, MessageTemplate
from cms.saved_views import SavedView

__all__ = [
    "AccessEntry",
    "AuditEntry",
    "BulkItem",
    "BulkRun",
    "Link",
    "Message",
    "MessageTemplate",
    "SavedView",
]
