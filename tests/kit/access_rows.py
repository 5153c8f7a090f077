"""Who gets what from the addresses that serve the shop's looks."""

from tests.access import public, staff_only

ROWS = [
    public("theme"),
    public("shop-icon"),
    # The shop of the tests has no logo.
    public("shop-logo", status=404),
    # Any member of staff.
    staff_only("styleguide", staff=200),
]
