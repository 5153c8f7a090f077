"""What tickets do when billing, or the mail provider, tells of something; billing in the transaction of its event."""

from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailInboundEvent
from anymail.signals import inbound as email_came_in
from django.dispatch import receiver
from django.utils.translation import gettext as _

from billing import signals
from billing.models import PaymentConfirmation
from tickets import inbound, payments


@receiver(signals.confirmation_decided, dispatch_uid="tickets.write_the_decision")
def write_the_decision(*, confirmation: PaymentConfirmation, **_kwargs) -> None:
    payments.write_decision(confirmation)


@receiver(email_came_in, dispatch_uid="tickets.take_in_the_email")
def take_in_the_email(*, event: AnymailInboundEvent, esp_name: str, **_kwargs) -> None:
    """What fails here is answered with an error, and the provider tries again."""
    message = event.message
    reason = _("Ditandai sebagai spam oleh penyedia email.") if message.spam_detected else ""
    inbound.receive(
        raw=_bytes_of(message), provider=esp_name, recipient=message.envelope_recipient or "", reason=reason
    )


def _bytes_of(message: AnymailInboundMessage) -> bytes:
    """As it came; one whose text does not fit the charset that it names is written out as UTF-8."""
    try:
        return message.as_bytes()
    except (UnicodeError, LookupError):
        return message.as_string().encode("utf-8", errors="replace")
