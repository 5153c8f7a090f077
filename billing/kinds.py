"""The kinds of invoices that bring something about, each with the functions that do it (``billing.effects``)."""

from billing import funds, periods, suspensions
from billing.changes import requests as changes
from billing.effects import Effects, register
from billing.models import Invoice

Kind = Invoice.Kind

register(Kind.ADD_FUNDS, Effects(paid=funds.deposit, reopened=funds.take_back))
register(Kind.RENEWAL, Effects(paid=suspensions.renewed, voided=periods.renewal_voided))
register(Kind.CHANGE, Effects(paid=changes.paid, voided=changes.voided))
