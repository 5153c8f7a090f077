"""Who may visit what of the customers' onboarding pages: one list for each subject."""

from tests.onboarding import document_rows, schedule_rows, tracker_rows

ROWS = [
    *document_rows.ROWS,
    *document_rows.STAFF_ROWS,
    *tracker_rows.ROWS,
    *schedule_rows.ROWS,
]
