from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0010_changes_credit_notes_and_tax_invoices"),
    ]

    operations = [
        migrations.AddField(
            model_name="invoice",
            name="instalment_count",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="banyaknya termin"),
        ),
    ]
