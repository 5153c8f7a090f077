"""What billing tells the apps above it: the only signals of the project, sent inside the transaction of the change."""

from django.dispatch import Signal

# order=Order: placed by a customer or by staff.
order_placed = Signal()
# invoice=Invoice: what came in covers it.
invoice_paid = Signal()
# invoice=Invoice, payment=Payment: a payment that had paid it was taken back.
payment_reversed = Signal()
# service=Service, from_status=str, to_status=str.
service_changed = Signal()
# confirmation=PaymentConfirmation: the customer says that a transfer was made; the invoice waits for staff.
confirmation_submitted = Signal()
# confirmation=PaymentConfirmation: approved, rejected or withdrawn (its status), by whom its last event says.
confirmation_decided = Signal()
# service=Service: about to be offered or handed to another customer; a receiver that raises billing.transfers.CannotTransfer
# keeps it.
service_transferring = Signal()
# service=Service, from_customer=Customer: it is another customer's now, with its parts.
service_transferred = Signal()
