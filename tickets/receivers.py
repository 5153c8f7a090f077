"""What tickets do when billing tells of something; in the transaction of the event."""

from django.dispatch import receiver

from billing import signals
from billing.models import PaymentConfirmation
from tickets import payments


@receiver(signals.confirmation_decided, dispatch_uid="tickets.write_the_decision")
def write_the_decision(*, confirmation: PaymentConfirmation, **_kwargs) -> None:
    payments.write_decision(confirmation)
