"""``make bench``: how many of 5,000 real-looking transfers are recognised by themselves, and how many of those wrongly.

Invented, with the seeds printed: exact amounts with unique codes, typed numbers, merged, split and mistyped transfers.
Ends with 1 where a limit is missed.
"""

import os
import sys
import time

import django

INVOICES, SEEDS = 5_400, range(5)
BY_THEMSELVES_AT_LEAST, WRONG_AT_MOST = 0.95, 0


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def main() -> int:
    from tests.billing_bank.generated import MIX, played

    say("Transfers by kind, in percent: " + ", ".join(f"{kind} {share}" for kind, share in MIX.items()))
    missed = False
    for seed in SEEDS:
        started = time.perf_counter()
        score, wrong = played(INVOICES, seed)
        took = time.perf_counter() - started
        missed |= score.by_themselves < BY_THEMSELVES_AT_LEAST or score.wrong > WRONG_AT_MOST
        say(
            f"seed {seed}: {score.transfers} transfers, {score.by_themselves:.1%} by themselves (≥ "
            f"{BY_THEMSELVES_AT_LEAST:.0%}), {score.wrong} wrongly (≤ {WRONG_AT_MOST}), precision {score.precision:.2%}, "
            f"recall {score.recall:.2%}, {took / score.transfers * 1e6:.0f} µs each"
        )
        for transfer in wrong:
            say(f"  wrong: {transfer}")
    return int(missed)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    sys.exit(main())
