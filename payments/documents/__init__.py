"""The documents that people read: an invoice or a credit note as PDF."""
