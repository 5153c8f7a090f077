"""Who may visit what of the customers' onboarding pages: one list for each subject."""

from tests.onboarding import tracker_rows

ROWS = [
    *tracker_rows.ROWS,
]
