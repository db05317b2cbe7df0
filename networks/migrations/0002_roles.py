"""The roles, with the rights that the domain gives them.

Content types and permissions normally come after the last migration; those needed here are made.
"""

from django.db import migrations

from networks import roles

ACCESS_ADMIN = ("wagtailadmin", "admin", "access_admin")
PAGE_ACTIONS = {
    roles.EDITORS: ("add", "change"),
    roles.PUBLISHERS: ("add", "change", "publish", "lock", "unlock"),
}
COLLECTION_MODELS = (("wagtailimages", "image"), ("wagtaildocs", "document"))
COLLECTION_ACTIONS = ("add", "change", "choose")

#: What an editor fills in beside the page.
CONTENT = {
    "networks.municipality": ("view",),
    "networks.facilitator": ("view", "add", "change"),
    # Meetings, prices and sign-up; coordinators edit the texts of their networks' drafts only.
    "networks.networkpage": ("edit_facts",),
}
READ_MEMBERS = {
    "networks.membership": ("view",),
    "networks.person": ("view",),
    "networks.participant": ("view",),
    "networks.joinrequest": ("view",),
    "networks.meeting": ("view",),
    "networks.seat": ("view",),
    "networks.guest": ("view",),
    "networks.material": ("view",),
    "networks.topic": ("view",),
    "networks.offer": ("view",),
    "networks.programmeitem": ("view",),
    "networks.handover": ("view",),
    "networks.municipality": ("view",),
    "cms.message": ("view",),
    "cms.messagetemplate": ("view",),
}
#: The texts of mails; sending again what did not arrive, stopping what has not left.
WRITE_MAILS = {"cms.message": ("change",), "cms.messagetemplate": ("change",)}
#: What happens at meetings: who comes and came, what is on the programme.
HOLD_MEETINGS = {
    "networks.seat": ("change",),
    "networks.guest": ("add", "change"),
    "networks.material": ("add", "change", "delete"),
    "networks.topic": ("change",),
    "networks.offer": ("change",),
    "networks.programmeitem": ("add", "change", "delete"),
}
#: One meeting: its participants and who came.
HOST_A_MEETING = {
    "networks.meeting": ("view",),
    "networks.seat": ("view", "change"),
    "networks.guest": ("view", "change"),
}
#: Not limited to the networks that one coordinates.
EVERY_NETWORK = {"networks.networkpage": ("view_members",)}
READ_MONEY = {
    "payments.charge": ("view",),
    "payments.invoice": ("view",),
    "payments.payment": ("view",),
}

RIGHTS = {
    roles.EDITORS: [CONTENT],
    roles.PUBLISHERS: [CONTENT],
    roles.MEMBER_ADMINISTRATORS: [
        READ_MEMBERS,
        EVERY_NETWORK,
        READ_MONEY,
        HOLD_MEETINGS,
        WRITE_MAILS,
        {
            "networks.membership": ("add", "change"),
            "networks.person": ("change",),
            "networks.participant": ("add", "change", "delete"),
            "networks.joinrequest": ("change",),
            "networks.meeting": ("change",),
            "networks.municipality": ("change",),
            "networks.facilitator": ("view",),
            "networks.coordinator": ("view", "add", "change", "delete"),
            "networks.meetinghost": ("view", "add", "change", "delete"),
            "networks.handover": ("change",),
            "networks.erasurerequest": ("view", "change"),
        },
    ],
    roles.COORDINATORS: [READ_MEMBERS, HOLD_MEETINGS, WRITE_MAILS],
    roles.FINANCE: [
        READ_MONEY,
        {
            "payments.charge": ("change",),
            "payments.payment": ("change",),
            "payments.invoice": ("change",),
            "payments.banktransfer": ("view", "change"),
            "payments.posting": ("view", "close"),
            "payments.paymentsettings": ("view", "change"),
        },
    ],
    roles.AUDITORS: [
        READ_MEMBERS,
        EVERY_NETWORK,
        READ_MONEY,
        {
            "payments.banktransfer": ("view",),
            "payments.posting": ("view",),
            "networks.facilitator": ("view",),
            "networks.coordinator": ("view",),
            "networks.meetinghost": ("view",),
            "networks.erasurerequest": ("view",),
            "cms.auditentry": ("view",),
        },
    ],
    roles.HOSTS: [HOST_A_MEETING],
}


def permission_row(apps, app_label, model, codename):
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app_label, model=model
    )
    row, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type,
        codename=codename,
        defaults={"name": f"Can {codename.replace('_', ' ')}"},
    )
    return row


def make_roles(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects
    for name in roles.ROLES:
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(permission_row(apps, *ACCESS_ADMIN))
        for rights in RIGHTS[name]:
            for label, actions in rights.items():
                app_label, model = label.split(".")
                for action in actions:
                    row = permission_row(apps, app_label, model, f"{action}_{model}")
                    group.permissions.add(row)
        if name in PAGE_ACTIONS:
            give_pages(apps, group, PAGE_ACTIONS[name])


def give_pages(apps, group, actions):
    """Every page, and the pictures and documents of every collection."""
    root = apps.get_model("wagtailcore", "Page").objects.get(depth=1)
    page_rights = apps.get_model("wagtailcore", "GroupPagePermission").objects
    for action in actions:
        row = permission_row(apps, "wagtailcore", "page", f"{action}_page")
        page_rights.get_or_create(group=group, page=root, permission=row)
    collection = apps.get_model("wagtailcore", "Collection").objects.get(depth=1)
    collection_rights = apps.get_model("wagtailcore", "GroupCollectionPermission").objects
    for app_label, model in COLLECTION_MODELS:
        for action in COLLECTION_ACTIONS:
            row = permission_row(apps, app_label, model, f"{action}_{model}")
            collection_rights.get_or_create(group=group, collection=collection, permission=row)


def replace_wagtails_groups(apps, schema_editor):
    """Wagtail's own Editors and Moderators go, unless somebody is in them; publishers moderate."""
    Group = apps.get_model("auth", "Group")
    publishers = Group.objects.get(name=roles.PUBLISHERS)
    for task in apps.get_model("wagtailcore", "GroupApprovalTask").objects.all():
        task.groups.add(publishers)
    Group.objects.filter(name__in=["Editors", "Moderators"], user__isnull=True).delete()


def remove_roles(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=roles.ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("networks", "0001_initial"),
        ("payments", "0002_invoices"),
        ("cms", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtaildocs", "0014_alter_document_file_size"),
        ("wagtailimages", "0027_image_description"),
    ]

    operations = [
        migrations.RunPython(make_roles, remove_roles),
        migrations.RunPython(replace_wagtails_groups, migrations.RunPython.noop),
    ]
