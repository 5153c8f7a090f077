"""Bank statements of the demo shop: money that a customer told of, money of somebody unknown, the bank's interest; and a
file that waits for staff."""

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from billing.bank import delivery, folder, importing, settling, whose
from billing.demo.steps import verifier
from billing.models import BankAccount, PaymentConfirmation, StatementImport

HEAD = "Tanggal;Keterangan;Jumlah;Saldo"


def load() -> None:
    """Once, and only where the demo's accounts and confirmations are there."""
    told = PaymentConfirmation.objects.waiting().filter(currency="IDR", bank_account__qris_payload="").first()
    if told is None or StatementImport.objects.exists():
        return
    account = told.bank_account
    yesterday = timezone.localdate() - timedelta(days=1)
    rows = [
        (told.transferred_on, f"TRSF E-BANKING CR {told.sender_name.upper()}", told.amount),
        (yesterday, "SWITCHING CR TRF RATNA DEWI", 175_000),
        (yesterday, "BUNGA", 4_212),
    ]
    text = "\n".join([HEAD, *(f"{day:%d/%m/%Y};{words};{amount:.0f} CR;0" for day, words, amount in rows)])
    file = SimpleUploadedFile("mutasi-rekening.csv", text.encode())
    actor = verifier()
    imported = importing.upload(account=account, file=file, actor=actor)
    importing.take_in(imported=imported, reading=importing.read(text.encode(), account), actor=actor)
    settling.recognise_import(imported.pk)
    # One that arrived by itself, of a layout that nobody has shown the shop yet.
    unknown = f"Hari,Isi,Masuk,Keluar\n{yesterday:%d/%m/%Y},TRF DARI PT MAJU JAYA,250000,\n"
    others = BankAccount.objects.filter(active=True, qris_payload="").exclude(pk=account.pk)
    another = others.order_by("sort", "pk").first() or account
    delivery.deliver(
        name=f"{whose.folder_of(another)}/mutasi.csv", content=unknown.encode(), road=folder.ROAD, account=another
    )
