"""E-invoices to public bodies: Peppol BIS Billing 3.0, checked before a number is taken."""
