"""Indexes of what the search looks in."""

from django.db import migrations

from cms.searching import search_index

BUYER = (
    "buyer_name",
    "buyer_cvr",
    "buyer_gln",
    "buyer_reference",
    "order_number",
    "buyer_contact",
    "buyer_email",
)


class Migration(migrations.Migration):
    dependencies = [("networks", "0005_privacy_rights"), ("cms", "0003_search")]

    operations = [
        migrations.AddIndex(
            model_name="person",
            index=search_index("name", "email", "job_title", "phone", name="person_search"),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=search_index("organisation_name", name="membership_search"),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=search_index(*BUYER, name="membership_buyer_search"),
        ),
        migrations.AddIndex(
            model_name="participant",
            index=search_index("name", "email", name="participant_search"),
        ),
        migrations.AddIndex(
            model_name="guest",
            index=search_index("name", "email", "organisation", name="guest_search"),
        ),
        migrations.AddIndex(
            model_name="joinrequest",
            index=search_index("name", "email", name="join_request_search"),
        ),
    ]
