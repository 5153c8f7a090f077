"""Receipts (kuitansi) as downloads."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.roles import Ability
from billing import receipts
from billing.downloads import as_file
from billing.models import Payment
from billing.views.lookups import require


@require_safe
def receipt(request: HttpRequest, payment_id: int) -> HttpResponse:
    mine = Payment.objects.filter(customer__memberships__user_id=request.user.pk)
    payment = get_object_or_404(mine.select_related("reversal", "customer", "method"), pk=payment_id)
    require(request, payment.customer_id, Ability.SEE_INVOICES)
    return of_payment(payment)


def of_payment(payment: Payment) -> HttpResponse:
    """The document as a download. Raises 404 for a payment that has none."""
    try:
        return as_file(receipts.as_pdf(payment), receipts.file_name(payment), "application/pdf")
    except receipts.NoReceipt as error:
        raise Http404 from error
