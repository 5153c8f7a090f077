"""What the payment desk shows of bank statements beside a customer's proof, and of customers' words beside a line."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from billing import desk
from billing.admin.desk_rows import Comparison, Reason, Saying, reasons, without_line
from billing.admin.wording import who_and_when
from billing.bank import pairing
from billing.models import PaymentConfirmation, StatementLine, StatementLineEvent
from catalog.money import total_of


@dataclass(frozen=True)
class Found:
    """A line that may be the transfer: why, and its amount against what the invoices ask for."""

    line: StatementLine
    fit: pairing.Fit
    comparison: Comparison
    # The confirmation that it fits better, if any.
    rather: PaymentConfirmation | None = None

    @property
    def reasons(self) -> list[Reason]:
        return reasons(self.fit)

    @property
    def sure(self) -> bool:
        return self.fit.sure and self.rather is None


@dataclass(frozen=True)
class Evidence:
    """What the statements say about a confirmation that waits."""

    found: Sequence[Found]
    used: Sequence[str]
    missing: Saying | None

    @classmethod
    def of(cls, group: Sequence[PaymentConfirmation], queue: desk.Queue) -> "Evidence":
        claim = desk.claim_of(group)
        fits, paired = queue.fits_of(claim), queue.paired()
        lines = StatementLine.objects.in_bulk([fit.line for fit in fits])
        rivals = {paired[fit.line] for fit in fits if paired.get(fit.line, claim.id) != claim.id}
        others = PaymentConfirmation.objects.select_related("invoice__customer").in_bulk(rivals)
        expected = Comparison.of(group).expected
        found = [
            Found(
                line=lines[fit.line],
                fit=fit,
                comparison=Comparison(expected, lines[fit.line].amount, lines[fit.line].currency),
                rather=others.get(paired.get(fit.line)),
            )
            for fit in fits
            if fit.line in lines
        ]
        missing = None if found else without_line(claim.on, desk.last_days().get(claim.account))
        return cls(found, [_used(event) for event in desk.used_elsewhere(claim)], missing)

    @property
    def is_plain(self) -> bool:
        """One line alone proves it, and it is what the invoices ask for."""
        return len(self.found) == 1 and self.found[0].sure and self.found[0].comparison.exact and not self.used

    @property
    def speaks_against(self) -> bool:
        """Whoever accepts without a line should look first: there is one, one was used, or its day is there without it."""
        return bool(self.found or self.used or (self.missing and self.missing.tone))


def _used(event: StatementLineEvent) -> str:
    line = event.line
    paid = sorted({str(one.invoice) for payment in line.payments.all() for one in payment.allocations.all()})
    words = {
        "line": line,
        "what": ", ".join(paid) or gettext("kredit pelanggan"),
        "who_and_when": who_and_when(event.actor, event.at),
    }
    return gettext("Mutasi yang cocok, %(line)s, sudah dipakai untuk %(what)s %(who_and_when)s.") % words


@dataclass(frozen=True)
class Told:
    """A transfer that a customer told of and that a line may be."""

    group: Sequence[PaymentConfirmation]
    fit: pairing.Fit
    comparison: Comparison
    # The line that it was found for, where that is another one.
    has_other_line: bool

    @property
    def confirmation(self) -> PaymentConfirmation:
        return self.group[0]

    @property
    def reasons(self) -> list[Reason]:
        return reasons(self.fit)

    @property
    def sure(self) -> bool:
        return self.fit.sure and not self.has_other_line

    @property
    def claimed(self) -> Decimal:
        return total_of(one.amount for one in self.group)


def told_of(line: StatementLine, queue: desk.Queue) -> list[Told]:
    """The confirmations that a line may prove, the likeliest first."""
    fits = queue.fits_for(line.pk)
    groups = desk.groups([fit.claim for fit in fits])
    paired = {confirmation: one for one, confirmation in queue.paired().items()}
    return [
        Told(
            group=groups[fit.claim],
            fit=fit,
            comparison=Comparison(Comparison.of(groups[fit.claim]).expected, line.amount, line.currency),
            has_other_line=paired.get(fit.claim, line.pk) != line.pk,
        )
        for fit in fits
        if fit.claim in groups
    ]
