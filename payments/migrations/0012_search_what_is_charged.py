"""The search looks in a charge's description too."""

from django.db import migrations

from cms.searching import search_index


class Migration(migrations.Migration):
    dependencies = [("payments", "0011_event_cursor"), ("cms", "0003_search")]

    operations = [
        migrations.RemoveIndex(model_name="charge", name="charge_search"),
        migrations.AddIndex(
            model_name="charge",
            index=search_index(
                "description",
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
    ]
