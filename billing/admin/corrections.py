"""What staff corrects about an issued invoice: credit notes, write-offs, and money that goes back to credit."""

import uuid
from decimal import Decimal

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff_pages import Button, ReadOnlyInline, StaffForm, link_to
from billing import crediting, payments, provider_refunds, refunds, returning, transitions, uploads, write_offs
from billing.admin.columns import money
from billing.attempts import deciding
from billing.forms import PROOF_TYPES, RupiahField
from billing.models import CreditNote, Invoice, Refund
from catalog.money import format_money, total_of

TO_CREDIT, TO_BANK, TO_PROVIDER = "credit", "bank", "provider"
WAYS = [(TO_CREDIT, _("menjadi kredit pelanggan")), (TO_BANK, _("sudah kami transfer ke rekening pelanggan"))]


def _limited(name: str) -> dict:
    return {"max_length": Refund._meta.get_field(name).max_length}


class TransferForm(StaffForm):
    """A transfer that staff made, with its proof. ``once`` names this form, so that sending it twice does it once."""

    paid_on = forms.DateField(
        label=_("Tanggal transfer"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    bank = forms.CharField(label=_("Bank tujuan"), **_limited("bank"))
    number = forms.CharField(label=_("Nomor rekening tujuan"), **_limited("number"))
    holder = forms.CharField(label=_("Atas nama"), **_limited("holder"))
    proof = forms.FileField(
        label=_("Bukti transfer"),
        widget=forms.FileInput(attrs={"accept": PROOF_TYPES}),
        help_text=_("JPEG, PNG, WebP atau PDF, paling besar 5 MB. Pelanggan dapat mengunduhnya."),
    )
    once = forms.UUIDField(widget=forms.HiddenInput)

    def set_up(self) -> None:
        self.fields["paid_on"].initial = timezone.localdate
        self.fields["once"].initial = uuid.uuid4

    def clean_paid_on(self):
        day = self.cleaned_data["paid_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("Tanggal tidak boleh di masa depan."))
        return day

    def clean_proof(self) -> uploads.AcceptedFile | None:
        sent = self.cleaned_data["proof"]
        return uploads.accept(sent) if sent else None


def transfer_of(cleaned: dict) -> refunds.Transfer:
    return refunds.Transfer(**{name: cleaned[name] for name in ("paid_on", "bank", "number", "holder", "proof")})


class CreditNoteForm(TransferForm):
    """How much of each line is taken off, and what becomes of the money that was paid for it."""

    reason = forms.CharField(
        label=_("Alasan"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Pelanggan membacanya di nota kredit."),
    )
    way = forms.ChoiceField(label=_("Uang yang sudah dibayar"), choices=WAYS, widget=forms.RadioSelect)
    # Asked for where the money was transferred.
    needed_for_bank = ("paid_on", "bank", "number", "holder", "proof")

    def set_up(self) -> None:
        super().set_up()
        self.left = crediting.left_of(self.subject)
        for line in self.subject.lines.filter(pk__in=self.left):
            left = format_money(self.left[line.pk], line.currency)
            self.fields[f"line_{line.pk}"] = RupiahField(
                label=line.description,
                required=False,
                help_text=gettext("Neto, paling banyak %(left)s.") % {"left": left},
            )
        for name in self.needed_for_bank:
            self.fields[name].required = False
        self.fields["way"].initial = TO_CREDIT
        self.fields["way"].choices = [*WAYS, *_ways_through_providers(self.subject)]
        self.order_fields([*(f"line_{pk}" for pk in self.left), "reason", "way"])
        if not self.subject.amount_paid:
            for name in ("way", *self.needed_for_bank):
                del self.fields[name]

    def clean(self) -> dict:
        cleaned = super().clean()
        cleaned["amounts"] = self._amounts(cleaned)
        if not self.errors:
            try:
                crediting.priced(self.subject, cleaned["amounts"])
            except crediting.CannotCredit as refusal:
                self.add_error(None, str(refusal))
        if cleaned.get("way") == TO_BANK:
            for name in self.needed_for_bank:
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, gettext("Isi bila uangnya sudah ditransfer."))
        return cleaned

    def _amounts(self, cleaned: dict) -> dict[int, Decimal]:
        return {pk: cleaned[f"line_{pk}"] for pk in self.left if cleaned.get(f"line_{pk}")}


def _ways_through_providers(invoice: Invoice) -> list[tuple[str, str]]:
    """Where its money came through a provider that sends back."""
    names = {deciding.name_of(one.attempt.provider) for one in provider_refunds.of_invoice(invoice)}
    if not names:
        return []
    words = gettext("kembalikan lewat %(provider)s, ke cara pelanggan membayarnya")
    return [(TO_PROVIDER, words % {"provider": ", ".join(sorted(names))})]


def credit(invoice: Invoice, actor: User, cleaned: dict) -> str:
    made = {
        "invoice": invoice,
        "amounts": cleaned["amounts"],
        "reason": cleaned["reason"],
        "cause": f"staff:{cleaned['once']}",
        "actor": actor,
    }
    if cleaned.get("way") == TO_PROVIDER:
        sent = provider_refunds.credit_and_send_back(**made)
        amount = total_of(one.amount for one in sent)
        return gettext("Nota kredit dibuat, dan %(amount)s sedang dikembalikan lewat penyedia.") % {
            "amount": format_money(amount, invoice.currency)
        }
    if cleaned.get("way") != TO_BANK:
        note = crediting.issue(**made)
        return gettext("Nota kredit %(note)s dibuat: %(amount)s.") % {
            "note": note,
            "amount": format_money(note.total, note.currency),
        }
    refund = refunds.credit_and_pay_out(transfer=transfer_of(cleaned), **made)
    return gettext("Nota kredit %(note)s dibuat, dan %(amount)s tercatat sebagai dikembalikan.") % {
        "note": refund.credit_note,
        "amount": format_money(refund.amount, refund.currency),
    }


class WhyForm(StaffForm):
    reason = forms.CharField(label=_("Alasan"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


def write_off(invoice: Invoice, actor: User, cleaned: dict) -> str:
    payment = write_offs.write_off(invoice=invoice, reason=cleaned["reason"], actor=actor)
    return gettext("%(amount)s dihapusbukukan; tagihan ditutup.") % {
        "amount": format_money(payment.amount, payment.currency)
    }


def release(invoice: Invoice, actor: User, cleaned: dict) -> str:
    amount = returning.release(invoice=invoice, reason=cleaned["reason"], actor=actor)
    return gettext("%(amount)s menjadi kredit pelanggan; tagihan dapat dibatalkan.") % {
        "amount": format_money(amount, invoice.currency)
    }


BUTTONS = (
    Button(
        name="credit-note",
        label=_("Nota kredit…"),
        permission=crediting.ISSUE,
        explain=_(
            "Mengurangi tagihan per baris; PPN-nya dihitung dengan aturan tagihan ini. Yang sudah dibayar lebih menjadi "
            "kredit pelanggan atau Anda kembalikan. Layanan tidak berubah."
        ),
        form=CreditNoteForm,
        run=credit,
        shown=crediting.is_correctable,
        refusals=(crediting.CannotCredit, refunds.CannotRefund, payments.NotAllowed, uploads.CannotStore),
    ),
    Button(
        name="release",
        label=_("Pindahkan ke kredit"),
        permission=payments.VERIFY,
        explain=_("Yang sudah dibayar dari tagihan ini menjadi kredit pelanggan, agar tagihannya dapat dibatalkan."),
        form=WhyForm,
        run=release,
        shown=lambda invoice: invoice.is_partially_paid,
        refusals=(payments.PaymentRefused,),
    ),
    Button(
        name="write-off",
        label=_("Hapusbukukan"),
        permission=write_offs.WRITE_OFF,
        tone="danger",
        explain=_(
            "Sisa tagihan tidak ditagihkan lagi, tanpa uang masuk dan tanpa email. Layanan yang ditangguhkan tetap begitu."
        ),
        form=WhyForm,
        run=write_off,
        shown=write_offs.can_be_written_off,
        refusals=(payments.PaymentRefused, transitions.InvalidTransition),
    ),
)


class CreditNoteInline(ReadOnlyInline):
    model = CreditNote
    fields = readonly_fields = ["page", "issued_on", money("total", _("total")), "reason", "issued_by"]

    @admin.display(description=_("nomor"))
    def page(self, note: CreditNote) -> str:
        return link_to(note)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("issued_by")
