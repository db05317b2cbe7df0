"""Taking a list out of the system is a right of its own; who gets it is said by networks."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0008_balance")]

    operations = [
        migrations.AlterModelOptions(
            name="charge",
            options={
                "ordering": ["-created_at"],
                "permissions": [("export_charge", "Can export charges")],
                "verbose_name": "charge",
                "verbose_name_plural": "charges",
            },
        ),
        migrations.AlterModelOptions(
            name="invoice",
            options={
                "ordering": ["-year", "-sequence"],
                "permissions": [("export_invoice", "Can export invoices")],
                "verbose_name": "invoice",
                "verbose_name_plural": "invoices",
            },
        ),
        migrations.AlterModelOptions(
            name="payment",
            options={
                "ordering": ["-created_at"],
                "permissions": [("export_payment", "Can export payments")],
                "verbose_name": "payment",
                "verbose_name_plural": "payments",
            },
        ),
        migrations.AlterModelOptions(
            name="posting",
            options={
                "default_permissions": ("view",),
                "ordering": ["-posted_on", "-pk"],
                "permissions": [
                    ("close_posting", "Can close months"),
                    ("export_posting", "Can export postings"),
                ],
                "verbose_name": "posting",
                "verbose_name_plural": "postings",
            },
        ),
    ]
