"""What may happen to a demo order: each step is one call of the service that does it in earnest."""

import io
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from PIL import Image, ImageDraw
from pypdf import PdfWriter

from accounts.models import Customer, Shop, User
from billing import (
    confirmations,
    crediting,
    funds,
    late_fees,
    lifecycle,
    payments,
    refunds,
    suspensions,
    tax_invoices,
    together,
    uploads,
    write_offs,
)
from billing.models import BankAccount, Invoice, Order, Payment, PaymentConfirmation, Service
from catalog.money import format_money, total_of

LOGIN_DETAILS = "Panel: https://panel.nusa.example\nNama pengguna: contoh\nKata sandi: contoh-saja-123"


def verifier() -> User:
    """Staff who may verify payments: the billing colleague, else the administrator."""
    staff = User.objects.filter(is_staff=True).order_by("pk")
    return next(
        person for person in [*staff.filter(email__startswith="keuangan"), *staff] if person.has_perm(payments.VERIFY)
    )


def _technician() -> User:
    return User.objects.filter(is_staff=True, email__startswith="dukungan").first() or verifier()


def proof(invoice: Invoice, amount: Decimal) -> SimpleUploadedFile:
    """A picture of a transfer, drawn."""
    picture = Image.new("RGB", (720, 420), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 720, 70), fill="#17693a")
    draw.text((30, 22), "TRANSFER BERHASIL (contoh)", fill="white", font_size=24)
    rows = ["Ke: PT Nusa Layanan Digital", f"Jumlah: {format_money(amount)}", f"Berita: {invoice.number}"]
    for number, row in enumerate(rows):
        draw.text((30, 110 + 60 * number), row, fill="black", font_size=26)
    content = io.BytesIO()
    picture.save(content, "PNG")
    return SimpleUploadedFile("bukti-transfer.png", content.getvalue(), "image/png")


def _submit(order: Order, amount: Decimal, note: str = "") -> None:
    confirmations.submit(
        invoice=order.invoice,
        actor=order.placed_by,
        bank_account=order.payment_method.bank_accounts.first(),
        sender_bank="BNI",
        sender_number="0098 7654",
        sender_name=order.customer.name,
        transferred_on=timezone.localdate(),
        amount=amount,
        note=note,
        proofs=[proof(order.invoice, amount)],
    )


def confirm_with_the_one_before(order: Order) -> None:
    """One transfer for the invoices of the customer's last two orders (C4)."""
    before = order.customer.orders.filter(pk__lt=order.pk).order_by("-pk").first()
    invoices = [before.invoice, order.invoice]
    amount = total_of(invoice.balance for invoice in invoices)
    together.submit(
        invoices=invoices,
        actor=order.placed_by,
        bank_account=BankAccount.objects.order_by("sort").first(),
        sender_bank="BCA",
        sender_number="5520 1180",
        sender_name=order.customer.name,
        transferred_on=timezone.localdate(),
        amount=amount,
        note="",
        proofs=[proof(order.invoice, amount)],
    )


def ask_for_tax_invoice(order: Order) -> None:
    tax_invoices.ask(invoice=order.invoice, actor=order.placed_by)


def file_tax_invoice(order: Order) -> None:
    """An empty page stands for what Coretax makes."""
    content = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.write(content)
    sent = SimpleUploadedFile("faktur-pajak.pdf", content.getvalue(), "application/pdf")
    tax_invoices.file(
        invoice=order.invoice,
        number=f"0400260{order.pk:010}",
        issued_on=timezone.localdate(),
        document=uploads.accept(sent, kinds=[uploads.PDF]),
        actor=verifier(),
    )


def refuse_tax_invoice(order: Order) -> None:
    tax_invoices.refuse(
        invoice=order.invoice,
        reason="NPWP di tagihan ini tidak ditemukan di sistem DJP. Mohon periksa datanya, lalu minta lagi.",
        actor=verifier(),
    )


def _waiting(order: Order) -> PaymentConfirmation:
    return order.invoice.confirmations.get(status=PaymentConfirmation.Status.SUBMITTED)


def confirm(order: Order) -> None:
    _submit(order, order.invoice.total)


def confirm_too_little(order: Order) -> None:
    _submit(order, order.invoice.total - 5_000, "Biaya transfer dipotong bank.")


def approve(order: Order) -> None:
    waiting = _waiting(order)
    confirmations.approve(confirmation=waiting, amount=waiting.amount, actor=verifier())


def reject(order: Order) -> None:
    reason = "Bukti transfer tidak terbaca. Mohon unggah ulang foto yang jelas."
    confirmations.reject(confirmation=_waiting(order), reason=reason, actor=verifier())


def withdraw(order: Order) -> None:
    confirmations.withdraw(confirmation=_waiting(order), actor=order.placed_by)


def _pay(order: Order, amount: Decimal) -> None:
    payments.record(
        customer=order.customer,
        amount=amount,
        currency=order.currency,
        source=Payment.Source.STAFF,
        cause=f"demo:{order.checkout_key}",
        method=order.payment_method,
        received_on=timezone.localdate(),
        reference=order.invoice.number,
        actor=verifier(),
        invoices=[order.invoice],
    )


def pay_invoice(invoice: Invoice) -> None:
    """Of another than the order's own invoice: a transfer that staff found in the bank's statement."""
    payments.record(
        customer=invoice.customer,
        amount=invoice.balance,
        currency=invoice.currency,
        source=Payment.Source.STAFF,
        cause=f"demo:{invoice.number}",
        method=invoice.payment_method,
        received_on=timezone.localdate(),
        reference=invoice.number,
        actor=verifier(),
        invoices=[invoice],
    )


def pay_in_full(order: Order) -> None:
    _pay(order, order.invoice.total)


def pay_half(order: Order) -> None:
    _pay(order, order.invoice.total // 2)


def pay_too_much(order: Order) -> None:
    _pay(order, order.invoice.total + 250_000)


def refund_by_bank(order: Order) -> None:
    invoice = order.invoice
    refunds.credit_and_pay_out(
        invoice=invoice,
        amounts=crediting.left_of(invoice),
        transfer=refunds.Transfer(
            paid_on=timezone.localdate(),
            bank="BCA",
            number="731 025 2527",
            holder=order.customer.name,
            proof=uploads.accept(proof(invoice, invoice.total)),
        ),
        reason="Dibatalkan atas permintaan pelanggan.",
        cause=f"demo:{order.checkout_key}",
        actor=verifier(),
    )


def credit_a_part(order: Order) -> None:
    line = order.invoice.lines.first()
    crediting.issue(
        invoice=order.invoice,
        amounts={line.pk: Decimal(100_000)},
        reason="Potongan karena hasil pertama terlambat dua hari.",
        cause=f"demo:{order.checkout_key}",
        actor=verifier(),
    )


def bounce(order: Order) -> None:
    payment = order.invoice.allocations.get().payment
    payments.reverse(payment=payment, reason="Transfer ditolak bank.", actor=verifier())


def write_off(order: Order) -> None:
    write_offs.write_off(invoice=order.invoice, reason="Pelanggan tidak dapat dihubungi lagi.", actor=verifier())


@transaction.atomic
def charge_late_fee(invoice: Invoice) -> None:
    """As the daily run does where the shop turned late fees on."""
    if not hasattr(invoice, "late_fee"):
        late_fees.bill(invoice, late_fees.fee_on(invoice.balance, Shop.current()), timezone.localdate())


@transaction.atomic
def add_funds(customer: Customer) -> None:
    if Invoice.objects.filter(customer=customer, kind=Invoice.Kind.ADD_FUNDS).exists():
        return
    invoice = funds.add(customer=customer, amount=Decimal(500_000), actor=customer.users.order_by("pk").first())
    payments.record(
        customer=customer,
        amount=invoice.total,
        currency=invoice.currency,
        source=Payment.Source.STAFF,
        cause=f"demo:funds:{invoice.pk}",
        method=invoice.payment_method,
        received_on=timezone.localdate(),
        reference=invoice.number,
        actor=verifier(),
        invoices=[invoice],
    )


def cancel(order: Order) -> None:
    lifecycle.cancel_order(order=order, actor=verifier(), note="Dibatalkan atas permintaan pelanggan.")


def mark_fraud(order: Order) -> None:
    lifecycle.mark_fraud(order=order, actor=verifier(), note="Alamat dan nomor telepon tidak dapat dihubungi.")


def _services(order: Order, status: str) -> list[Service]:
    return list(order.services.filter(status=status).order_by("pk"))


def activate_all(order: Order) -> None:
    for service in _services(order, Service.Status.PENDING):
        lifecycle.activate(service=service, actor=_technician(), login_details=LOGIN_DETAILS)
    for service in _services(order, Service.Status.ACTIVE):
        if not service.is_recurring:
            lifecycle.complete(service=service, actor=_technician())


complete_all = activate_all


def suspend(order: Order) -> None:
    for service in _services(order, Service.Status.ACTIVE):
        suspensions.suspend(service=service, actor=verifier(), note="Perpanjangan belum dibayar.")


def terminate(order: Order) -> None:
    for service in _services(order, Service.Status.SUSPENDED):
        suspensions.terminate(service=service, actor=verifier(), note="Tidak diperpanjang.")
