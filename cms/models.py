"""The core's tables; each lives beside the code that writes it."""

from cms.audit import AuditEntry
from cms.bulk import BulkItem, BulkRun
from cms.links import Link
from cms.messages.models import Message, MessageTemplate

__all__ = ["AuditEntry", "BulkItem", "BulkRun", "Link", "Message", "MessageTemplate"]
