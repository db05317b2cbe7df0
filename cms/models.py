"""The core's tables; each lives beside the code that writes it."""

from cms.audit import AuditEntry
from cms.links import Link
from cms.messages.models import Message

__all__ = ["AuditEntry", "Link", "Message"]
