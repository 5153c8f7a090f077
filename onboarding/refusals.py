"""Why a service of onboarding did nothing: the words of each are for the person who asked."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import dates
from accounts.models import Shop, User
from catalog.models import Product
from onboarding.models import (
    Appointment,
    Case,
    Document,
    DocumentVersion,
    Quotation,
    Requirement,
    Signature,
    Stage,
)


class OnboardingRefused(Exception):
    """Nothing was changed; the words say why, and what to do."""


class NotAllowed(OnboardingRefused):
    """The person may not do this."""


class NoTemplate(OnboardingRefused):
    """The product has no onboarding, or one without stages."""

    def __init__(self, product: Product) -> None:
        self.product = product
        super().__init__(
            _("%(product)s belum punya template onboarding. Minta administrator membuatnya.") % {"product": product}
        )


class ReasonMissing(OnboardingRefused):
    def __init__(self) -> None:
        super().__init__(_("Tulis alasannya. Hanya staf yang membacanya."))


class NotOpen(OnboardingRefused):
    """The case stopped, or is live where it would have to run; ``case``."""

    def __init__(self, case: Case) -> None:
        self.case = case
        if case.status == Case.Status.STOPPED:
            super().__init__(_("Onboarding ini sudah berhenti. Buka lagi dulu, lalu ulangi."))
        else:
            super().__init__(_("Onboarding ini sudah live."))


class NotStopped(OnboardingRefused):
    def __init__(self, case: Case) -> None:
        self.case = case
        super().__init__(_("Onboarding ini tidak berhenti."))


class ServiceEnded(OnboardingRefused):
    """What the case is about was cancelled: there is nothing left to bring to life."""

    def __init__(self, case: Case) -> None:
        self.case = case
        super().__init__(
            _("Layanan %(service)s sudah berakhir. Buka onboarding baru untuk pesanan berikutnya.")
            % {"service": case.service}
        )


class SomebodyWasFaster(OnboardingRefused):
    """The case is not where the page showed it. ``stage`` is where it is now, ``who`` moved it and ``when``."""

    def __init__(self, case: Case, stage: Stage | None) -> None:
        self.case = case
        self.stage = stage
        last = stage and stage.events.filter(to_status=stage.status).select_related("actor").order_by("-pk").first()
        self.who = last and last.actor
        self.when = last and last.at
        words = _("%(who)s memindahkan onboarding ini ke “%(stage)s” pada %(when)s. Periksa dulu, lalu ulangi.")
        super().__init__(
            words
            % {
                "who": self.who or _("Sistem"),
                "stage": _name(stage) if stage else case.get_status_display(),
                "when": dates.long_moment(self.when or timezone.now()),
            }
        )


class StillMissing(OnboardingRefused):
    """The stage ends with something that has not happened yet; the words name it."""

    def __init__(self, stage: Stage, missing: str) -> None:
        self.stage = stage
        super().__init__(
            _("Tahap “%(stage)s” belum selesai: %(missing)s") % {"stage": _name(stage), "missing": missing}
        )


class CannotSkip(OnboardingRefused):
    """Mandatory stages are gone through: ``stages``."""

    def __init__(self, *stages: Stage) -> None:
        self.stages = stages
        super().__init__(_("Tahap ini tidak boleh dilewati: %(stages)s.") % {"stages": _names(stages)})


class StageIsOver(OnboardingRefused):
    """The stage is done or was skipped; to go on with it, the case goes back to it first."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        super().__init__(
            _("Tahap “%(stage)s” sudah %(status)s. Kembalikan tahapnya dulu.")
            % {"stage": _name(stage), "status": stage.get_status_display().lower()}
        )


class LastStage(OnboardingRefused):
    """Nothing comes after it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        super().__init__(_("“%(stage)s” adalah tahap terakhir.") % {"stage": _name(stage)})


class OrderStays(OnboardingRefused):
    """The order cannot be cancelled with the case; the words say why."""


class NotAPic(OnboardingRefused):
    def __init__(self, stage: Stage, person: User) -> None:
        self.stage = stage
        team = stage.pic_group
        words = _("%(who)s tidak dapat menjadi PIC tahap “%(stage)s”: pilih staf dari tim %(team)s.")
        if team is None:
            words = _("%(who)s tidak dapat menjadi PIC tahap “%(stage)s”: pilih staf yang mengerjakan onboarding.")
        super().__init__(words % {"who": person, "stage": _name(stage), "team": team})


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


class TooEarlyToRate(OnboardingRefused):
    def __init__(self) -> None:
        super().__init__(_("Penilaian dibuka setelah bagian ini selesai."))


class AlreadyRated(OnboardingRefused):
    def __init__(self) -> None:
        super().__init__(_("Bagian ini sudah dinilai oleh perusahaan Anda. Terima kasih."))


# Documents, signatures, quotations and the requirement form


class CaseStopped(OnboardingRefused):
    """Nothing is signed or asked of a case that stopped."""

    def __init__(self, case: Case) -> None:
        self.case = case
        super().__init__(_("Onboarding ini sudah berhenti. Hubungi kami untuk melanjutkannya."))


class OfAnotherCase(OnboardingRefused):
    """A stage or an appointment of another case was given."""

    def __init__(self) -> None:
        super().__init__(_("Pilih tahap dan jadwal dari onboarding ini."))


class NewerVersion(OnboardingRefused):
    """Somebody put a newer version in place of the one on the page: ``version``."""

    def __init__(self, version: DocumentVersion) -> None:
        self.version = version
        super().__init__(
            _("Dokumen ini baru saja diganti dengan versi %(number)s. Baca versi itu dulu, lalu ulangi.")
            % {"number": version.number}
        )


class Withdrawn(OnboardingRefused):
    def __init__(self, document: Document) -> None:
        self.document = document
        super().__init__(_("%(document)s sudah ditarik.") % {"document": document})


class MadeByTheShop(OnboardingRefused):
    """A quotation or a URD: what it says and what the shop knows of it are one, so its newer versions are made too."""

    def __init__(self, document: Document) -> None:
        self.document = document
        words = {
            Document.Kind.QUOTATION: _("Penawaran tidak ditarik atau ditimpa berkas lain. Buat versi barunya."),
            Document.Kind.URD: _("URD tidak ditarik atau ditimpa berkas lain. Buka lagi formulir kebutuhannya."),
        }
        super().__init__(words[Document.Kind(document.kind)])


class NothingToSign(OnboardingRefused):
    def __init__(self) -> None:
        super().__init__(_("Dokumen ini tidak perlu ditandatangani."))


class AlreadySigned(OnboardingRefused):
    """By ``signature``."""

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        super().__init__(
            _("Dokumen ini sudah ditandatangani oleh %(name)s pada %(when)s.")
            % {"name": signature.name, "when": dates.long_moment(signature.signed_at)}
        )


class QuotationExpired(OnboardingRefused):
    def __init__(self, quotation: Quotation) -> None:
        self.quotation = quotation
        super().__init__(
            _("Penawaran ini berlaku sampai %(date)s. Minta PIC Anda mengirim yang baru.")
            % {"date": dates.long_date(quotation.valid_until)}
        )


class CannotQuote(OnboardingRefused):
    """A quotation cannot be made like this; the words are for staff."""


class CannotOrder(OnboardingRefused):
    """What was quoted cannot be ordered any more; ``cause`` says why."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(
            _("Penawaran ini tidak dapat dipesan lagi: %(why)s Hubungi PIC Anda untuk penawaran baru.") % {"why": cause}
        )


class AlreadySubmitted(OnboardingRefused):
    def __init__(self) -> None:
        super().__init__(_("Formulir ini sudah dikirim. Minta PIC Anda membukanya lagi bila ada yang berubah."))


class SomebodySaved(OnboardingRefused):
    """A colleague saved other answers meanwhile: they are ``requirement.answers`` now."""

    def __init__(self, requirement: Requirement) -> None:
        self.requirement = requirement
        super().__init__(
            _("%(who)s menyimpan jawaban lain saat Anda mengisi. Periksa jawaban itu, lalu simpan lagi.")
            % {"who": requirement.saved_by or _("Rekan Anda")}
        )


def _name(stage: Stage) -> str:
    return stage.name.replace("{company}", Shop.current().name)


def _names(stages: Iterable[Stage]) -> str:
    return ", ".join(_name(stage) for stage in stages)
