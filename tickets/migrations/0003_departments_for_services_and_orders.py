from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0002_remember_who_was_told")]

    operations = [
        migrations.AddField(
            model_name="department",
            name="handles_orders",
            field=models.BooleanField(
                default=False, help_text="Pertanyaan saat memesan menuju ke sini.", verbose_name="menangani pesanan"
            ),
        ),
        migrations.AddField(
            model_name="department",
            name="handles_services",
            field=models.BooleanField(
                default=False,
                help_text="Pertanyaan dari halaman layanan dan halaman kesalahan menuju ke sini.",
                verbose_name="menangani layanan",
            ),
        ),
    ]
