"""Stripe's balance: transactions, payouts, readings; the accounts that they are posted to."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

#: Stripe's word stands: only links to ours are set, once each; only retention may delete, in a
#: transaction that says so.
PROTECT = """
CREATE FUNCTION payments_keep_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('payments.retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE'
        AND to_jsonb(NEW) - ARRAY['payment_id', 'refund_id', 'payout_id']
          = to_jsonb(OLD) - ARRAY['payment_id', 'refund_id', 'payout_id']
        AND (OLD.payment_id IS NULL OR NEW.payment_id = OLD.payment_id)
        AND (OLD.refund_id IS NULL OR NEW.refund_id = OLD.refund_id)
        AND (OLD.payout_id IS NULL OR NEW.payout_id = OLD.payout_id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Balance transaction % is never changed or deleted.', OLD.stripe_id
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER payments_keep_balance BEFORE UPDATE OR DELETE ON payments_balancetransaction
    FOR EACH ROW EXECUTE FUNCTION payments_keep_balance();
"""
UNPROTECT = """
DROP TRIGGER payments_keep_balance ON payments_balancetransaction;
DROP FUNCTION payments_keep_balance();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0007_search")]

    operations = [
        migrations.CreateModel(
            name="BalanceReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("livemode", models.BooleanField(unique=True)),
                ("held", models.BigIntegerField()),
                ("transactions", models.BigIntegerField()),
                ("read_at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Payout",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "stripe_id",
                    models.CharField(max_length=120, unique=True, verbose_name="Stripe's number"),
                ),
                ("livemode", models.BooleanField()),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("state", models.CharField(max_length=40, verbose_name="state")),
                ("created_at", models.DateTimeField(verbose_name="sent")),
                ("arrives_on", models.DateField(verbose_name="arrives")),
                ("listed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "payout",
                "verbose_name_plural": "payouts",
                "ordering": ["-created_at", "-pk"],
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="paymentsettings",
            name="account_disputes",
            field=models.CharField(default="5840", max_length=20, verbose_name="disputed payments"),
        ),
        migrations.AddField(
            model_name="paymentsettings",
            name="account_fees",
            field=models.CharField(default="2770", max_length=20, verbose_name="Stripe's fees"),
        ),
        migrations.AddField(
            model_name="paymentsettings",
            name="account_unclear",
            field=models.CharField(default="5850", max_length=20, verbose_name="unclear at Stripe"),
        ),
        migrations.AddField(
            model_name="paymentsettings",
            name="vat_code_fees",
            field=models.CharField(
                blank=True,
                default="IVY25",
                help_text="Stripe invoices from Ireland without VAT: the code of services bought in the EU with reverse charge. Empty: none.",
                max_length=20,
                verbose_name="VAT code of Stripe's fees",
            ),
        ),
        migrations.AlterField(
            model_name="posting",
            name="charge",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="postings",
                to="payments.charge",
                verbose_name="charge",
            ),
        ),
        migrations.AlterField(
            model_name="posting",
            name="kind",
            field=models.CharField(
                choices=[
                    ("invoice", "Invoice"),
                    ("credit_note", "Credit note"),
                    ("payment", "Payment through Stripe"),
                    ("duplicate", "Payment made twice"),
                    ("refund", "Refund"),
                    ("refund_undone", "Refund that came back"),
                    ("transfer", "Bank transfer"),
                    ("transfer_undone", "Match undone"),
                    ("fee", "Stripe's fee"),
                    ("payout", "Payout from Stripe"),
                    ("dispute", "Disputed payment"),
                    ("unclear", "Unclear at Stripe"),
                    ("unclear_undone", "Cleared up at Stripe"),
                ],
                max_length=20,
                verbose_name="voucher type",
            ),
        ),
        migrations.AlterField(
            model_name="posting",
            name="role",
            field=models.CharField(
                choices=[
                    ("debtors", "Debtors"),
                    ("revenue", "Revenue"),
                    ("vat", "Output VAT"),
                    ("bank", "Bank"),
                    ("stripe", "Receivable from Stripe"),
                    ("duplicates", "Paid twice, to be sent back"),
                    ("fees", "Stripe's fees"),
                    ("disputes", "Disputed payments"),
                    ("unclear", "Unclear at Stripe"),
                ],
                max_length=12,
                verbose_name="posted as",
            ),
        ),
        migrations.CreateModel(
            name="BalanceTransaction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "stripe_id",
                    models.CharField(max_length=120, unique=True, verbose_name="Stripe's number"),
                ),
                ("livemode", models.BooleanField()),
                ("type", models.CharField(max_length=60, verbose_name="type")),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("payment", "Payment"),
                            ("refund", "Refund"),
                            ("dispute", "Dispute"),
                            ("fee", "Fee"),
                            ("payout", "Payout"),
                            ("other", "Other"),
                        ],
                        max_length=10,
                        verbose_name="category",
                    ),
                ),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("fee", models.BigIntegerField(verbose_name="fee")),
                ("net", models.BigIntegerField(verbose_name="net")),
                ("currency", models.CharField(default="dkk", max_length=3)),
                ("created_at", models.DateTimeField(verbose_name="happened")),
                ("available_on", models.DateTimeField(verbose_name="available")),
                ("source_id", models.CharField(blank=True, db_index=True, max_length=120)),
                ("payment_intent_id", models.CharField(blank=True, db_index=True, max_length=120)),
                ("description", models.CharField(blank=True, max_length=250, verbose_name="text")),
                ("imported_at", models.DateTimeField(auto_now_add=True)),
                (
                    "payment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="balance_transactions",
                        to="payments.payment",
                        verbose_name="payment",
                    ),
                ),
                (
                    "refund",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="balance_transactions",
                        to="payments.refund",
                        verbose_name="refund",
                    ),
                ),
                (
                    "payout",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transactions",
                        to="payments.payout",
                        verbose_name="payout",
                    ),
                ),
            ],
            options={
                "verbose_name": "Stripe transaction",
                "verbose_name_plural": "Stripe transactions",
                "ordering": ["-created_at", "-pk"],
                "default_permissions": ("view",),
                "permissions": [("export_balancetransaction", "Can export Stripe transactions")],
                "indexes": [
                    models.Index(fields=["livemode", "-created_at"], name="balance_created")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "net",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("amount"), "-", models.F("fee")
                                ),
                            )
                        ),
                        name="balance_net_is_amount_less_fee",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency", "dkk")), name="balance_in_kroner"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("refund__isnull", True), ("category", "refund"), _connector="OR"
                        ),
                        name="balance_refund_is_of_a_refund",
                    ),
                ],
            },
        ),
        migrations.RunSQL(PROTECT, UNPROTECT),
    ]
