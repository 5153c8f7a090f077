"""V2 and V9 for payment providers: each transaction's money stands in the books under its own name, no call is forgotten."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import models
from django.db.models.functions import Concat
from django.utils import timezone

from billing.ledger.breach import Breach, breaches
from billing.models import AttemptPayment, GatewayMessage, PaymentAttempt

# Taking a call needs a few statements; what is older was left by a process that died.
PROCESSED_WITHIN = timedelta(minutes=5)


def what_came_is_in_the_books_once() -> Iterator[Breach]:
    """V2: what an attempt brought in has the cause ``<provider>:<transaction id>``; a paid attempt brought something in."""
    received = AttemptPayment.objects.select_related("payment", "attempt").annotate(
        cause=Concat("attempt__provider", models.Value(":"), "transaction_id", output_field=models.CharField())
    )
    strays = received.exclude(payment__cause=models.F("cause"))
    yield from breaches("V2", "transaction", strays, "is {row.cause}, its payment has the cause {row.payment.cause}")
    elsewhere = received.exclude(payment__customer=models.F("attempt__invoice__customer"))
    yield from breaches("V2", "transaction", elsewhere, "is another customer's than its invoice")
    paid = PaymentAttempt.objects.filter(status=PaymentAttempt.Status.PAID, received=None)
    yield from breaches("V2", "attempt", paid, "is paid, and brought nothing in")


def every_call_has_its_outcome() -> Iterator[Breach]:
    """V9: what became of every webhook is written on it."""
    left = GatewayMessage.objects.filter(
        outcome=GatewayMessage.Outcome.RECEIVED, at__lt=timezone.now() - PROCESSED_WITHIN
    ).defer("sent", "received")
    yield from breaches("V9", "webhook", left, "was received and never processed")
