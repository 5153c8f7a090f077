"""What staff types on a case's pages. The forms read and check; services do the rest."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.texts import validate_one_line
from billing import uploads
from onboarding import documents, pics, texts, turns
from onboarding.casework import NewAppointment, NewDocument, Work
from onboarding.models import Appointment, Case, Document, Stage, StageKey
from onboarding.models.cases import TIME_ZONES

FILE_TYPES = "application/pdf,image/jpeg,image/png,image/webp,text/plain,.csv"
UNCHANGED, NOBODY = "", "none"
USUAL_LENGTH = timedelta(hours=1)
OPEN = (Stage.Status.UPCOMING, Stage.Status.CURRENT)
# Where an appointment of that kind belongs, if its stage is still open.
_STAGE_OF_KIND = {
    Appointment.Kind.CALL: StageKey.INITIAL_CALL,
    Appointment.Kind.MEETING: StageKey.SALES_MEETING,
    Appointment.Kind.TRAINING: StageKey.TRAINING,
    Appointment.Kind.ADOPTION_REVIEW: StageKey.POST_ACTIVATION,
    Appointment.Kind.BUSINESS_REVIEW: StageKey.POST_ACTIVATION,
}


# The section in which our turn is done.
_NEXT = {turns.SCHEDULE: "appointment", turns.PREPARE: "document", turns.WORK: "stage"}


def day_field(**more) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def time_field(**more) -> forms.TimeField:
    return forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **more)


def text_area(rows: int, **attrs: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "maxlength": texts.LONGEST_BODY, **attrs})


def moments(day: date, starts: time, ends: time | None, zone: str) -> tuple[datetime, datetime]:
    """From when to when, by the clock of ``zone``; an hour, where the end is left open."""
    here = ZoneInfo(zone)
    starts_at = datetime.combine(day, starts, here)
    return starts_at, datetime.combine(day, ends, here) if ends else starts_at + USUAL_LENGTH


def targets(stages: Sequence[Stage], *, may_move_back: bool, name_of) -> list[tuple[str, list[tuple[str, str]]]]:
    """Where a case may go from its current stage, in groups: on, and back."""
    here = next((number for number, stage in enumerate(stages) if stage.status == Stage.Status.CURRENT), None)
    if here is None:
        return []
    later = [stage for stage in stages[here + 1 :] if stage.status != Stage.Status.DONE]
    earlier = stages[:here] if may_move_back else []
    groups = [(gettext("Maju"), later), (gettext("Kembali (dengan alasan)"), earlier)]
    return [(words, [(str(stage.pk), name_of(stage)) for stage in those]) for words, those in groups if those]


class StageField(forms.ChoiceField):
    """One of the case's stages, or none. What is not offered any more may still be chosen: somebody was faster, which is
    for the service to say.
    """

    def offer(self, stages: Iterable[Stage], choices: list) -> None:
        self.stages = {str(stage.pk): stage for stage in stages}
        self.choices = choices

    def valid_value(self, value: str) -> bool:
        return value in self.stages

    def clean(self, value: object) -> Stage | None:
        return self.stages.get(super().clean(value))


class MoveForm(forms.Form):
    """``seen`` is the stage that was current on the page."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    to = StageField(label=_("Pindahkan ke"), error_messages={"required": _("Pilih tahapnya.")})
    reason = forms.CharField(
        label=_("Alasan"),
        required=False,
        widget=text_area(2),
        help_text=_("Wajib bila kembali; hanya dibaca staf."),
    )

    def __init__(self, *args, stages: Sequence[Stage], may_move_back: bool, name_of, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].offer(stages, targets(stages, may_move_back=may_move_back, name_of=name_of))


class WorkForm(forms.Form):
    """All that can be done with a case, in one submit: each section counts once something is filled in."""

    prefix = "work"
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    to = StageField(label=_("Pindahkan ke"), required=False)
    reason = forms.CharField(
        label=_("Alasan"), required=False, widget=text_area(2), help_text=_("Wajib bila kembali; hanya dibaca staf.")
    )
    due_on = day_field(label=_("Target selesai"), required=False)
    pic = forms.ChoiceField(label=_("PIC"), required=False)
    kind = forms.ChoiceField(label=_("Jenis"), choices=Appointment.Kind.choices, required=False)
    title = forms.CharField(
        label=_("Judul"),
        max_length=150,
        required=False,
        validators=[validate_one_line],
        help_text=_("Kosong: menurut jenisnya."),
    )
    day = day_field(label=_("Tanggal"), required=False)
    starts = time_field(label=_("Mulai"), required=False)
    ends = time_field(label=_("Selesai"), required=False, help_text=_("Kosong: satu jam."))
    time_zone = forms.ChoiceField(label=_("Zona waktu"), choices=TIME_ZONES, required=False)
    link = forms.URLField(label=_("Tautan rapat"), max_length=500, required=False, assume_scheme="https")
    place = forms.CharField(label=_("Tempat"), max_length=200, required=False, validators=[validate_one_line])
    stage = StageField(label=_("Untuk tahap"), required=False)
    file = forms.FileField(
        label=_("Berkas"),
        required=False,
        widget=forms.FileInput(attrs={"accept": FILE_TYPES}),
        help_text=_("PDF, gambar, atau teks, paling besar 10 MB."),
    )
    document_kind = forms.ChoiceField(
        label=_("Jenis dokumen"), choices=[(kind.value, kind.label) for kind in documents.BY_HAND], required=False
    )
    document_title = forms.CharField(
        label=_("Judul dokumen"),
        max_length=150,
        required=False,
        validators=[validate_one_line],
        help_text=_("Kosong: nama berkasnya."),
    )
    document_for = forms.ChoiceField(label=_("Bagian dari"), required=False)
    needs_signature = forms.BooleanField(label=_("Pelanggan perlu menandatangani"), required=False)
    update = forms.CharField(
        label=_("Kabar untuk pelanggan"),
        max_length=texts.LONGEST_BODY,
        required=False,
        widget=text_area(4, **{"data-key": "r", "data-draft": "update"}),
        help_text=_("Boleh memakai Markdown. Terlihat di halaman onboarding dan dikirim lewat email."),
    )
    note = forms.CharField(
        label=_("Catatan internal"),
        max_length=texts.LONGEST_BODY,
        required=False,
        widget=text_area(3, **{"data-key": "n", "data-draft": "note"}),
        help_text=_("Hanya dibaca staf: tidak terlihat pelanggan, tidak dikirim lewat email."),
    )
    sections = (
        ("update", _("Kabar untuk pelanggan"), "send", ("update",)),
        ("note", _("Catatan internal"), "lock", ("note",)),
        ("stage", _("Tahap dan target"), "arrow-right", ("to", "due_on", "reason")),
        ("pic", _("PIC"), "user-circle", ("pic",)),
        (
            "appointment",
            _("Buat jadwal"),
            "calendar",
            ("kind", "stage", "time_zone", "title", "day", "starts", "ends", "link", "place"),
        ),
        (
            "document",
            _("Unggah dokumen"),
            "upload",
            ("file", "document_title", "document_kind", "document_for", "needs_signature"),
        ),
    )

    def __init__(self, *args, case: Case, stages: Sequence[Stage], may_move_back: bool, name_of, **kwargs) -> None:
        self.case = case
        self.stages = stages
        current = next((stage for stage in stages if stage.status == Stage.Status.CURRENT), None)
        self.current = current
        self.appointments = [one for one in case.appointments.all() if one.status != Appointment.Status.CANCELLED]
        initial = {
            "seen": current.pk if current else None,
            "time_zone": case.time_zone,
            "due_on": current.due_on if current else None,
        }
        super().__init__(*args, initial={**initial, **kwargs.pop("initial", {})}, **kwargs)
        ways = targets(stages, may_move_back=may_move_back, name_of=name_of)
        self.fields["to"].offer(stages, [("", _("tetap di tahap ini")), *ways])
        offered = [stage for stage in stages if stage.status in OPEN]
        by_name = [(str(stage.pk), name_of(stage)) for stage in offered]
        self.fields["stage"].offer(offered, [("", _("menurut jenisnya")), *by_name])
        self.people = {str(person.pk): person for person in pics.workers()}
        nobody = [(UNCHANGED, _("tidak diubah")), (NOBODY, _("belum ada PIC"))]
        self.fields["pic"].choices = [*nobody, *((key, str(person)) for key, person in self.people.items())]
        self._offer_owners_of_documents(by_name)

    def _offer_owners_of_documents(self, by_name: list[tuple[str, str]]) -> None:
        held = [(f"a{one.pk}", one.title) for one in self.appointments]
        groups = [(_("Tahap"), [(f"s{key}", name) for key, name in by_name]), (_("Jadwal"), held)]
        self.fields["document_for"].choices = [("", _("tahap yang berjalan")), *(one for one in groups if one[1])]

    def clean_file(self) -> uploads.AcceptedFile | None:
        sent = self.cleaned_data["file"]
        return uploads.accept(sent, kinds=documents.KINDS, max_bytes=documents.MAX_BYTES) if sent else None

    def clean(self) -> dict:
        cleaned = super().clean()
        appointment = self._appointment(cleaned)
        document = self._document(cleaned)
        if self.errors:
            return cleaned
        work = self._work(cleaned, appointment, document)
        if work == Work(reason=work.reason):
            raise ValidationError(_("Belum ada yang diisi. Isi sedikitnya satu bagian."))
        cleaned["work"] = work
        return cleaned

    def _work(self, cleaned: dict, appointment: NewAppointment | None, document: NewDocument | None) -> Work:
        promises = "due_on" in self.changed_data
        return Work(
            to=cleaned["to"],
            reason=cleaned["reason"],
            assigns=cleaned["pic"] != UNCHANGED,
            pic=self.people.get(cleaned["pic"]),
            promises=promises,
            due_on=cleaned["due_on"] if promises else None,
            appointment=appointment,
            document=document,
            update=cleaned["update"],
            note=cleaned["note"],
        )

    def _appointment(self, cleaned: dict) -> NewAppointment | None:
        typed = ("title", "day", "starts", "ends", "link", "place", "stage")
        if not any(cleaned.get(name) for name in typed) and not any(name in self.errors for name in typed):
            return None
        for name, words in (("day", _("Isi tanggalnya.")), ("starts", _("Isi jam mulainya."))):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, words)
        if not (cleaned.get("link") or cleaned.get("place")) and not {"link", "place"} & set(self.errors):
            self.add_error("link", _("Isi tautan rapat atau tempatnya."))
        if any(name in self.errors for name in (*typed, "kind", "time_zone")):
            return None
        kind = cleaned["kind"] or Appointment.Kind.MEETING
        zone = cleaned["time_zone"] or self.case.time_zone
        stage = cleaned["stage"] or self._stage_of(kind)
        if stage is None:
            self.add_error("stage", _("Semua tahap sudah selesai. Kembalikan tahapnya dulu."))
            return None
        starts_at, ends_at = moments(cleaned["day"], cleaned["starts"], cleaned["ends"], zone)
        return NewAppointment(
            stage=stage,
            kind=kind,
            title=cleaned["title"] or str(Appointment.Kind(kind).label),
            starts_at=starts_at,
            ends_at=ends_at,
            time_zone=zone,
            place=cleaned["place"],
            link=cleaned["link"],
        )

    def _stage_of(self, kind: str) -> Stage | None:
        """The stage that is for this kind while it is open; else the current one, or the next that is open."""
        offered = list(self.fields["stage"].stages.values())
        fitting = next((stage for stage in offered if stage.key == _STAGE_OF_KIND[kind]), None)
        return fitting or self.current or next(iter(offered), None)

    def _document(self, cleaned: dict) -> NewDocument | None:
        if "file" in self.errors:
            return None
        if not cleaned.get("file"):
            if cleaned.get("document_title") or cleaned.get("needs_signature"):
                self.add_error("file", _("Pilih berkasnya."))
            return None
        if "document_title" in self.errors:
            return None
        belongs = cleaned.get("document_for") or ""
        stages = {f"s{key}": stage for key, stage in self.fields["stage"].stages.items()}
        held = {f"a{one.pk}": one for one in self.appointments}
        appointment = held.get(belongs)
        return NewDocument(
            kind=cleaned["document_kind"] or (Document.Kind.MATERIAL if appointment else Document.Kind.OTHER),
            title=cleaned["document_title"] or cleaned["file"].name,
            file=cleaned["file"],
            needs_signature=cleaned["needs_signature"],
            stage=None if appointment else stages.get(belongs, self.current),
            appointment=appointment,
        )

    @property
    def parts(self) -> list["Part"]:
        """The sections. Unfolded are those in which something is wrong or typed, and at first the one that is our turn."""
        touched = set(self.errors) | set(self.changed_data) if self.is_bound else set()
        next_one = "" if self.is_bound else _NEXT.get(self.case.turn_action, "")
        return [
            Part(key, title, icon, [self[name] for name in names], key == next_one or bool(touched & set(names)))
            for key, title, icon, names in self.sections
        ]


@dataclass(frozen=True)
class Part:
    key: str
    title: str | Promise
    icon: str
    fields: Sequence[forms.BoundField]
    open: bool
