"""Buttons of invoices that are about what is printed on them and what goes with them."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff_pages import Button, StaffForm
from accounts.texts import validate_one_line
from billing import po_numbers
from billing.admin import tax_invoices
from billing.models import Invoice


class PoNumberForm(StaffForm):
    po_number = forms.CharField(label=_("Nomor PO"), max_length=60, required=False, validators=[validate_one_line])

    def set_up(self) -> None:
        self.fields["po_number"].initial = self.subject.po_number


def set_po_number(invoice: Invoice, actor: User, cleaned: dict) -> str:
    po_numbers.set_number(invoice=invoice, po_number=cleaned["po_number"], actor=actor)
    return gettext("Nomor PO %(invoice)s disimpan.") % {"invoice": invoice}


BUTTONS = [
    Button(
        name="po-number",
        label=_("Ubah nomor PO"),
        permission="billing.change_invoice",
        explain=_("Nomor pesanan pembelian dari pelanggan; tercantum di tagihan dan PDF-nya."),
        form=PoNumberForm,
        run=set_po_number,
        shown=lambda invoice: invoice.status == Invoice.Status.UNPAID,
        refusals=(po_numbers.CannotSet,),
    ),
    *tax_invoices.INVOICE_BUTTONS,
]
