"""Indexes of what the search looks in."""

from django.db import migrations

from cms.searching import search_index


class Migration(migrations.Migration):
    dependencies = [("payments", "0006_forget_old_invoices"), ("cms", "0003_search")]

    operations = [
        migrations.AddIndex(
            model_name="charge",
            index=search_index(
                "buyer_name",
                "buyer_cvr",
                "buyer_gln",
                "buyer_reference",
                "order_number",
                "buyer_contact",
                "buyer_email",
                name="charge_search",
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=search_index("number", "buyer_name", name="invoice_search"),
        ),
    ]
