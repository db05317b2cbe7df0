"""What is mailed to whom: every notice is put in the outbox with a key of its own."""

from networks.services.notices import kinds

__all__ = ["kinds"]
