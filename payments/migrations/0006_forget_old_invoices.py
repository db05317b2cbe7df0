"""Retention takes the people out of a document when its five years are over; all else stays."""

from django.db import migrations

#: The buyer's contact, e-mail and reference of a document issued more than five years ago, in a
#: transaction that says that it is retention's (bogføringsloven § 12).
KEEP = """
CREATE OR REPLACE FUNCTION payments_keep_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('payments.retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND current_setting('payments.retention', true) = 'on'
        AND OLD.issued_on < CURRENT_DATE - INTERVAL '5 years'
        AND to_jsonb(NEW) - 'content' = to_jsonb(OLD) - 'content'
        AND (NEW.content #- '{buyer,contact}' #- '{buyer,email}') - 'buyer_reference'
          = (OLD.content #- '{buyer,contact}' #- '{buyer,email}') - 'buyer_reference'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Invoice % is never changed or deleted.', OLD.number
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
"""
KEPT_BEFORE = """
CREATE OR REPLACE FUNCTION payments_keep_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('payments.retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'Invoice % is never changed or deleted.', OLD.number
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_dunning")]

    operations = [migrations.RunSQL(KEEP, KEPT_BEFORE)]
