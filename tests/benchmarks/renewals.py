"""``make bench``: the daily run over a million services of which 33,000 are due, beside a plain insert of the same rows.

On a PostgreSQL of its own (it empties the database it is given). Ends with 1 where a limit is missed.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta

SERVICES, DUE, CUSTOMERS = 1_000_000, 33_000, 250_000
RATIO_AT_LEAST, MEGABYTES_AT_MOST = 0.30, 300
PLAIN_BATCH = 1_000
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# What the run is measured in: a process of its own, whose greatest size the parent reads.
_RUN = """
import json, resource, sys, time
from datetime import date
import django
django.setup()
from billing import daily
started = time.monotonic()
run = daily.run(date.fromisoformat(sys.argv[1]))
took = time.monotonic() - started
print(json.dumps({
    "seconds": took,
    "counts": run.counts,
    "failed": run.failed,
    "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""

_FILL = """
INSERT INTO accounts_customer
    (kind, name, npwp, nik, billing_email, phone, address, city, province, postal_code, country, language, separate_invoices,
     credit_pays_renewals, created_at)
SELECT 'company', 'PT Pelanggan ' || n, '', '', 'keuangan' || n || '@bench.example', '+628123456789', 'Jl. Kenanga 8',
       'Sleman', 'DI Yogyakarta', '55281', 'ID', 'id', FALSE, TRUE, now()
FROM generate_series(1, %(customers)s) AS n;

INSERT INTO billing_order (customer_id, status, checkout_key, currency, payment_method_id, notes, po_number, language,
                           created_at)
SELECT id, 'active', gen_random_uuid(), 'IDR', %(method)s, '', '', 'id', now() FROM accounts_customer;

INSERT INTO billing_service
    (customer_id, order_id, kind, product_id, name_id, name_en, domain, domain_way, configuration, login_details_encrypted,
     epp_code_encrypted, status, activation, quantity, stock_held, currency, cycle, recurring_net, taxable, pph23,
     recurring_discount, anchor_day, next_due, renews_from, suspended_because, created_at, activated_at)
SELECT o.customer_id, o.id, 'product', %(product)s, 'Hosting ' || n, 'Hosting ' || n, '', '', '[]', '', '', 'active',
       'on_payment', 1, 0, 'IDR', 'monthly', 150000, TRUE, FALSE, 0, 10, d.due, d.due, '', now(), now()
FROM (SELECT n, row_number() OVER () AS place FROM generate_series(1, %(services)s) AS n) AS s
JOIN (SELECT id, customer_id, row_number() OVER (ORDER BY id) AS place FROM billing_order) AS o
    ON o.place = 1 + s.place %% %(customers)s
CROSS JOIN LATERAL (SELECT CASE WHEN n <= %(due)s THEN %(now)s::date ELSE %(later)s::date + (n %% 15) END AS due) AS d;
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
    today = date(2026, 3, 1)
    _say(f"Filling in {SERVICES:,} services …")
    fill(today)
    measured = _run(today)
    if measured["failed"]:
        raise SystemExit(f"{measured['failed']} failed")
    again = _run(today)
    plain = _plain()
    invoices = measured["counts"]["renewals"]["invoices"]
    ratio = plain / measured["seconds"]
    second = again["counts"]["renewals"]["invoices"]
    rows = [
        ("invoices per second", f"{invoices / measured['seconds']:,.0f}", ""),
        ("plain bulk_create of the same rows, invoices per second", f"{invoices / plain:,.0f}", ""),
        ("ratio", f"{ratio:.2f}", f"≥ {RATIO_AT_LEAST:.2f}"),
        ("memory of the run", f"{measured['megabytes']:.0f} MB", f"≤ {MEGABYTES_AT_MOST} MB"),
        (
            "a second run on the same day",
            f"{again['seconds']:.2f} s, {second} invoices",
            "",
        ),
    ]
    _say(f"\n| the daily run: {SERVICES:,} services, {invoices:,} due | measured | limit |\n| --- | --- | --- |")
    for row in rows:
        _say("| {} | {} | {} |".format(*row))
    return int(ratio < RATIO_AT_LEAST or measured["megabytes"] > MEGABYTES_AT_MOST)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def fill(today: date, *, services: int = SERVICES, due: int = DUE, customers: int = CUSTOMERS) -> None:
    from django.db import connection

    from accounts.models import Shop
    from catalog.cycles import Cycle
    from tests import factories

    shop = Shop.current()
    factories.ppn()
    method = factories.bank_account().method
    product = factories.product(prices={Cycle.MONTHLY: 150_000})
    values = {
        "customers": customers,
        "services": services,
        "due": due,
        "method": method.pk,
        "product": product.pk,
        "now": today + timedelta(days=shop.renewal_days),
        "later": today + timedelta(days=shop.renewal_days + 1),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for statement in _FILL.split(";"):
            if statement.strip():
                cursor.execute(statement, values)
        cursor.execute("ANALYZE")


def _run(today: date) -> dict:
    done = subprocess.run([sys.executable, "-c", _RUN, str(today)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def _plain() -> float:
    """Seconds to insert what the run wrote once more, into the same tables, after it was taken out of them."""
    from accounts.models import OutboxEmail
    from billing.models import Invoice, InvoiceEvent, InvoiceLine

    kept = [list(model.objects.order_by("pk")) for model in (Invoice, InvoiceLine, InvoiceEvent, OutboxEmail)]
    for model in (InvoiceLine, InvoiceEvent, OutboxEmail, Invoice):
        model.objects.all()._raw_delete("default")
    started = time.monotonic()
    for rows in kept:
        for batch in _batches(rows):
            type(batch[0]).objects.bulk_create(batch)
    return time.monotonic() - started


def _batches(rows: list) -> Iterator[list]:
    for start in range(0, len(rows), PLAIN_BATCH):
        yield rows[start : start + PLAIN_BATCH]


if __name__ == "__main__":
    sys.exit(main())
