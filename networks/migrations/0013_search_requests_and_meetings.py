"""Indexes of what the search looks in: handovers and meetings."""

from django.db import migrations

from cms.searching import search_index


class Migration(migrations.Migration):
    dependencies = [("networks", "0012_import_runs"), ("cms", "0003_search")]

    operations = [
        migrations.AddIndex(
            model_name="handover",
            index=search_index("name", "email", name="handover_search"),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=search_index("title", "venue", name="meeting_search"),
        ),
    ]
