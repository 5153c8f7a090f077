"""Who may visit what of the customers' onboarding pages: one list for each subject."""

from tests.onboarding import schedule_rows, tracker_rows

ROWS = [
    *tracker_rows.ROWS,
    *schedule_rows.ROWS,
]
