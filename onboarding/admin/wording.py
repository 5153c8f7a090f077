"""What staff reads: whose turn it is, and what happened."""

from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import dates
from onboarding import tracker, turns
from onboarding.models import Appointment, Case, Stage


def turn_words(case: Case) -> str:
    """Whose turn it is and what for, such as "Pelanggan: tanda tangani dokumen"; empty where nobody's."""
    return {
        turns.SIGN: _("Pelanggan: tanda tangani dokumen"),
        turns.PAY: _("Pelanggan: bayar tagihan"),
        turns.REQUIREMENTS: _("Pelanggan: isi formulir kebutuhan"),
        turns.RECEIVE: _("Kami: periksa dokumen bertanda tangan"),
        turns.ATTEND: _("Kami: hadiri jadwal"),
        turns.SCHEDULE: _("Kami: buat jadwal"),
        turns.QUOTE: _("Kami: kirim penawaran"),
        turns.PREPARE: _("Kami: siapkan dokumen"),
        turns.ACTIVATE: _("Kami: aktifkan layanan"),
        turns.WORK: _("Kami: kerjakan tahap ini"),
    }.get(case.turn_action, "")


def name_of(stage: Stage) -> str:
    """The stage's name with the shop's in it (M4)."""
    return tracker.with_company(stage.name)


def moment_of(appointment: Appointment) -> str:
    """``1 Des 2026, 09.00 WITA``: in the appointment's own time zone."""
    with timezone.override(ZoneInfo(appointment.time_zone)):
        return dates.short_moment(appointment.starts_at)
