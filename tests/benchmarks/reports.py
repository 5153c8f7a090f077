"""``make bench``: the staff's reports over 200,000 services and as many invoice lines of two years.

Their cost grows with the rows they sum: the limits allow five times as much for a million.

On a PostgreSQL of its own (it empties the database it is given). Ends with 1 where a limit is missed.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import date

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

SERVICES, CUSTOMERS = 200_000, 50_000
INVOICES, LINES_EACH = 50_000, 4
SECONDS_AT_MOST = {"revenue": 1.0, "recurring": 1.0, "cycles": 0.6, "receivables": 0.2, "late customers": 0.2}
TODAY = date(2026, 3, 1)

_FILL = """
UPDATE billing_service SET activated_at = %(today)s::timestamptz - (id %% 1000) * interval '1 day';

UPDATE billing_service SET status = 'terminated', ended_at = activated_at + interval '90 days', renews_from = NULL
WHERE id %% 20 = 0;

INSERT INTO billing_invoice
    (customer_id, kind, status, number, slug, series, period, sequence, language, currency, subtotal, discount, tax, total,
     amount_paid, amount_withheld, amount_credited, amount_written_off, instalment_count, early,
     tax_name, tax_rate, tax_base_numerator, tax_base_denominator, tax_base,
     tax_code, buyer, seller, po_number, notes, created_at, issued_on, due_on, paid_at, pdf, pdf_fingerprint)
SELECT c.id, 'renewal', CASE WHEN n %% 20 = 0 THEN 'unpaid' ELSE 'paid' END, 'B/' || n, 'b-' || n, 'B', '2026', n, 'id',
       'IDR', 600000, 0, 66000, 666000, CASE WHEN n %% 20 = 0 THEN 0 ELSE 666000 END, 0, 0, 0, 0, FALSE,
       'PPN', 12, 11, 12, 550000, '04',
       '{}', '{}', '', '', now(), d.day, d.day, CASE WHEN n %% 20 = 0 THEN NULL ELSE now() END, '', ''
FROM generate_series(1, %(invoices)s) AS n
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM accounts_customer) AS c ON c.place = n
CROSS JOIN LATERAL (SELECT %(today)s::date - (n %% 730) AS day) AS d;

INSERT INTO billing_invoiceline
    (invoice_id, kind, description, detail, period_start, period_end, currency, quantity, unit_price, amount, discount,
     taxable, pph23, sort, replaced)
SELECT i.id, 'renewal', 'Hosting', '', i.issued_on, (i.issued_on + interval '1 month')::date - 1, 'IDR', 1, 150000, 150000,
       0, TRUE, FALSE, n, FALSE
FROM billing_invoice AS i CROSS JOIN generate_series(1, %(lines)s) AS n;

ANALYZE;
"""


def main() -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor != "postgresql":
        raise SystemExit("The benchmark runs on PostgreSQL: set DATABASE_URL, or call it by `make bench`.")
    call_command("migrate", verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    _say(f"Filling in {SERVICES:,} services and {INVOICES * LINES_EACH:,} invoice lines …")
    _fill()
    over = []
    _say("\n| report | seconds | limit |\n| --- | ---: | ---: |")
    for name, report in _reports().items():
        took = _seconds(report)
        _say(f"| {name} | {took:.2f} | {SECONDS_AT_MOST[name]:.1f} |")
        if took > SECONDS_AT_MOST[name]:
            over.append(name)
    _say(f"\nOver its limit: {', '.join(over)}" if over else "\nEverything is within its limit.")
    return int(bool(over))


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def _fill() -> None:
    from django.db import connection

    from tests.benchmarks import renewals

    renewals.fill(TODAY, services=SERVICES, due=0, customers=CUSTOMERS)
    values = {"today": TODAY, "invoices": INVOICES, "lines": LINES_EACH}
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for statement in _FILL.split(";"):
            if statement.strip():
                cursor.execute(statement, values)


def _reports() -> dict[str, Callable[[], object]]:
    from billing import dunning
    from billing.reports import months, receivables, recurring, revenue

    wanted = months.ending_with(months.of(TODAY), 12)
    return {
        "revenue": lambda: revenue.recognised(wanted),
        "recurring": lambda: recurring.by_month(wanted),
        "cycles": recurring.by_cycle,
        "receivables": lambda: receivables.by_age(TODAY),
        "late customers": lambda: dunning.debtors(
            [one["customer"] for one in dunning.customers_in_debt(TODAY)[:25]], TODAY
        ),
    }


def _seconds(report: Callable[[], object]) -> float:
    """The second time: the first one warms the database's memory."""
    report()
    started = time.perf_counter()
    report()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
