"""Why a service of onboarding did nothing: the words of each are for the person who asked."""

from django.utils.translation import gettext as _

from onboarding.models import Appointment, Case, Stage


class OnboardingRefused(Exception):
    """Nothing was changed; the words say why."""


class NotAllowed(OnboardingRefused):
    """The person may not do this."""


class NotOpen(OnboardingRefused):
    """The case stopped: nothing is agreed until it is opened again."""

    def __init__(self, case: Case) -> None:
        self.case = case
        super().__init__(_("Onboarding ini sudah berhenti. Buka lagi dulu, lalu ulangi."))


class AppointmentChanged(OnboardingRefused):
    """Somebody was faster: the appointment is not what the page showed."""

    def __init__(self, appointment: Appointment) -> None:
        self.appointment = appointment
        last = appointment.events.select_related("actor").order_by("-pk").first()
        super().__init__(
            _("%(who)s baru saja mengubah “%(title)s”: %(status)s, %(when)s. Periksa dulu, lalu ulangi bila perlu.")
            % {
                "who": (last and last.actor) or _("Sistem"),
                "title": appointment.title,
                "status": appointment.get_status_display().lower(),
                "when": appointment.when,
            }
        )


class StageIsOver(OnboardingRefused):
    """The stage was done because of this; it has to come back first."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        super().__init__(_("Tahap %(stage)s sudah selesai. Kembalikan tahapnya dulu.") % {"stage": stage.name})


class TooEarlyToRate(OnboardingRefused):
    def __init__(self) -> None:
        super().__init__(_("Penilaian dibuka setelah bagian ini selesai."))


class AlreadyRated(OnboardingRefused):
    def __init__(self) -> None:
        super().__init__(_("Bagian ini sudah dinilai oleh perusahaan Anda. Terima kasih."))
