"""The requirement form, built from a case's questions."""

import re
from collections.abc import Sequence
from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from accounts.texts import validate_one_line
from onboarding.requirements import NO, YES, Answers, Kind, Question

LONGEST_LINE = 300
LONGEST_TEXT = 5000
MOST = 1_000_000_000


class WholeNumberField(forms.CharField):
    """As people type it, ``1.250`` and ``1,250`` included; kept without marks."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def clean(self, value) -> str:
        text = super().clean(value)
        digits = re.sub(r"(?<=\d)[.,  ](?=\d{3}(\D|$))", "", text.strip())
        if text and (not re.fullmatch(r"[0-9]+", digits) or int(digits) > MOST):
            raise ValidationError(_("Isi angka bulat, contoh: 25."), code="invalid")
        return digits


class DayField(forms.CharField):
    widget = forms.DateInput(attrs={"type": "date"})

    def clean(self, value) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise ValidationError(_("Isi tanggal, contoh: 2026-12-31."), code="invalid") from None


class SeenField(forms.CharField):
    """When the answers on the page were saved; nothing where none were."""

    widget = forms.HiddenInput

    def clean(self, value) -> datetime | None:
        if not value:
            return None
        try:
            moment = parse_datetime(value)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise ValidationError(_("Muat ulang halaman ini, lalu coba lagi."))
        return moment


class RequirementForm(forms.Form):
    """``answers`` is what was typed, by the questions' keys; a draft's ``typed_answers`` may be anything.

    Raises nothing: with ``draft`` only what cannot be kept at all is an error.
    """

    prefix = "answer"

    def __init__(
        self, *args, questions: Sequence[Question], answers: Answers, seen: datetime | None, draft=False, **more
    ):
        super().__init__(*args, initial={**answers, "seen": seen.isoformat() if seen else ""}, **more)
        self.fields["seen"] = SeenField(required=False)
        self.questions = questions
        for question in questions:
            self.fields[question.key] = _draft_field(question) if draft else _field(question)

    @property
    def answers(self) -> dict[str, str]:
        """After ``is_valid``."""
        return {question.key: self.cleaned_data[question.key] for question in self.questions}

    def see(self, seen: datetime | None) -> None:
        """What is sent from the page from now on was written with these answers known."""
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = seen.isoformat() if seen else ""


def _draft_field(question: Question) -> forms.Field:
    """Takes whatever was typed, so that nothing of it is lost; the widget is the real one's."""
    field = _field(question)
    longest = LONGEST_TEXT if question.kind == Kind.LONG_TEXT else LONGEST_LINE
    return forms.CharField(
        label=field.label, help_text=field.help_text, required=False, max_length=longest, widget=field.widget
    )


def _field(question: Question) -> forms.Field:
    common = {
        "label": str(question.label),
        "help_text": str(question.help),
        "required": question.required,
    }
    if question.kind == Kind.LONG_TEXT:
        widget = forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST_TEXT})
        return forms.CharField(**common, max_length=LONGEST_TEXT, widget=widget)
    if question.kind == Kind.NUMBER:
        return WholeNumberField(**common)
    if question.kind == Kind.DATE:
        return DayField(**common)
    if question.kind == Kind.CHOICE:
        return forms.ChoiceField(**common, choices=_choices(question), widget=_widget(question))
    if question.kind == Kind.YES_NO:
        return forms.ChoiceField(**common, choices=[(YES, _("Ya")), (NO, _("Tidak"))], widget=forms.RadioSelect)
    return forms.CharField(**common, max_length=LONGEST_LINE, validators=[validate_one_line])


def _choices(question: Question) -> list[tuple[str, str]]:
    chosen = [(choice.id, str(choice)) for choice in question.choices]
    # Radio buttons may stay empty; a list begins with a line that is no answer.
    return chosen if _widget(question) is forms.RadioSelect else [("", _("Pilih…")), *chosen]


def _widget(question: Question) -> type[forms.Widget]:
    return forms.RadioSelect if len(question.choices) <= 5 else forms.Select
