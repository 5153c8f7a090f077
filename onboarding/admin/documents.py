"""Documents for staff: what was sent and signed, received or refused, put in a newer version, or taken back."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import state
from billing import uploads
from billing.admin.files import shown_or_downloaded
from billing.ordering import PriceChanged
from onboarding import access, documents, quoting, requirements, signing
from onboarding.admin import lookup
from onboarding.admin.papers import PapersAdmin
from onboarding.models import Case, Document, DocumentEvent, DocumentVersion, Quotation, Requirement, Signature
from onboarding.refusals import OnboardingRefused
from onboarding.transitions import InvalidTransition

REFUSALS = (OnboardingRefused, InvalidTransition, uploads.CannotStore)
FILE_TYPES = "application/pdf,image/jpeg,image/png,image/webp,text/plain,.csv"
Status = Document.Status


class ActForm(forms.Form):
    """``seen`` is the newest version on the page."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


class RefuseForm(ActForm):
    prefix = "refuse"
    words = forms.CharField(
        label=_("Yang perlu diperbaiki"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Dibaca pelanggan, di halaman dokumen dan di emailnya."),
    )


class VersionForm(ActForm):
    prefix = "version"
    file = forms.FileField(
        label=_("Berkas"),
        widget=forms.FileInput(attrs={"accept": FILE_TYPES}),
        help_text=_("PDF, gambar, atau teks, paling besar 10 MB. Tanda tangan versi lama diminta lagi."),
    )

    def clean_file(self) -> uploads.AcceptedFile:
        return uploads.accept(self.cleaned_data["file"], kinds=documents.KINDS, max_bytes=documents.MAX_BYTES)


class WithdrawForm(ActForm):
    prefix = "withdraw"
    reason = forms.CharField(
        label=_("Alasan"),
        required=False,
        max_length=1000,
        help_text=_("Hanya dibaca staf. Pelanggan tidak lagi melihat dokumen ini."),
    )


@dataclass(frozen=True)
class Act:
    form: type[ActForm]
    run: Callable[[Document, object, dict], object]
    done: str | Promise


ACTS = {
    "receive": Act(
        ActForm,
        lambda document, actor, given: signing.receive(document=document, actor=actor, seen=given["seen"]),
        _("Dokumen ditandai diterima."),
    ),
    "refuse": Act(
        RefuseForm,
        lambda document, actor, given: signing.refuse(
            document=document, actor=actor, words=given["words"], seen=given["seen"]
        ),
        _("Pelanggan diminta menandatangani lagi."),
    ),
    "version": Act(
        VersionForm,
        lambda document, actor, given: documents.add_version(
            document=document, file=given["file"], actor=actor, seen=given["seen"]
        ),
        _("Versi baru dikirim."),
    ),
    "withdraw": Act(
        WithdrawForm,
        lambda document, actor, given: documents.withdraw(document=document, actor=actor, reason=given["reason"]),
        _("Dokumen ditarik."),
    ),
}


class ReopenForm(forms.Form):
    reason = forms.CharField(label=_("Alasan"), required=False, max_length=1000, help_text=_("Hanya dibaca staf."))


class DocumentPages(admin.ModelAdmin):
    """Adds a document's page, what staff does there, the files, and the requirement form to the admin of documents."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<int:document_id>/page/", view(self.page_of), name="onboarding_document"),
            path("<int:document_id>/do/<slug:name>/", view(self.act), name="onboarding_document_do"),
            path("versions/<int:pk>/", view(self.version), name="onboarding_version"),
            path("signatures/<int:pk>/", view(self.signature), name="onboarding_signature"),
            path("requirements/<int:case_id>/", view(self.requirement), name="onboarding_requirements"),
            *super().get_urls(),
        ]

    def page_of(self, request: HttpRequest, document_id: int) -> HttpResponse:
        return self._page(request, _find(request, document_id))

    def act(self, request: HttpRequest, document_id: int, name: str) -> HttpResponse:
        document = _find(request, document_id, to_work=True)
        if name not in ACTS:
            raise Http404
        if request.method != "POST":
            return redirect("admin:onboarding_document", document_id)
        act = ACTS[name]
        form = act.form(request.POST, request.FILES)
        if form.is_valid() and self._run(request, document, act, form):
            return redirect("admin:onboarding_document", document_id)
        document.refresh_from_db()
        return self._page(request, document, came_back={name: form}, status=422)

    def _run(self, request: HttpRequest, document: Document, act: Act, form: ActForm) -> bool:
        try:
            act.run(document, request.user, form.cleaned_data)
        except PriceChanged:
            words = gettext("Pajak berubah sejak ditandatangani, jadi totalnya lain. Kirim versi baru penawaran ini.")
            form.add_error(None, words)
        except ValidationError as error:
            form.add_error(None, error)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, act.done)
            return True
        return False

    def _page(
        self,
        request: HttpRequest,
        document: Document,
        *,
        came_back: dict[str, ActForm] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        versions = list(document.versions.select_related("created_by").prefetch_related("signatures__signer"))[::-1]
        seen = versions[0].number
        made = {name: act.form(initial={"seen": seen}) for name, act in ACTS.items() if _fits(name, document)}
        quotation = Quotation.objects.filter(document=document).select_related("order__invoice").first()
        requirement = Requirement.objects.filter(document=document).first()
        if quotation or requirement:
            made.pop("version", None)
            made.pop("withdraw", None)
        came_back = came_back or {}
        context = {
            **self.admin_site.each_context(request),
            "title": document.title,
            "opts": Document._meta,
            "case": document.case,
            "document": document,
            "versions": versions,
            "quotation": quotation,
            "requirement": requirement,
            "may_work": request.user.has_perm(access.WORK),
            "may_quote": request.user.has_perm(quoting.MAY_QUOTE),
            "acts": {**made, **came_back} if request.user.has_perm(access.WORK) else {},
            "form": next(iter(came_back.values()), None),
            "events": [(event, _said(event)) for event in document.events.select_related("actor")],
        }
        return TemplateResponse(request, "admin/onboarding/document.html", context, status=status)

    def version(self, request: HttpRequest, pk: int) -> FileResponse:
        found = get_object_or_404(DocumentVersion.objects.select_related("document"), pk=pk)
        _find(request, found.document_id)
        return shown_or_downloaded(found, download="download" in request.GET)

    def signature(self, request: HttpRequest, pk: int) -> FileResponse:
        found = get_object_or_404(Signature.objects.exclude(file="").select_related("version"), pk=pk)
        _find(request, found.version.document_id)
        return shown_or_downloaded(found.as_sent, download="download" in request.GET)

    def requirement(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """What the customer answered; a form that was sent is opened again here."""
        posted = request.method == "POST"
        case = lookup.find(request, case_id, to_work=posted)
        found = get_object_or_404(Requirement.objects.select_related("document", "saved_by"), case=case)
        form = ReopenForm(request.POST if posted else None)
        if form.is_valid():
            try:
                requirements.reopen(requirement=found, actor=request.user, reason=form.cleaned_data["reason"])
            except REFUSALS as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, gettext("Formulir dibuka lagi; pelanggan diberi tahu lewat email."))
                return redirect("admin:onboarding_requirements", case_id)
        answers = [(one.label, one.written(found.answers.get(one.key, ""))) for one in requirements.questions(found)]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Formulir kebutuhan"),
            "opts": Document._meta,
            "case": case,
            "requirement": found,
            "answers": answers,
            "form": form,
            "may_reopen": request.user.has_perm(access.WORK) and found.status == Requirement.Status.SUBMITTED,
        }
        return TemplateResponse(request, "admin/onboarding/requirements.html", context, status=422 if posted else 200)


def _said(event: DocumentEvent) -> str:
    if event.to_status:
        return Status(event.to_status).label
    return gettext("Versi baru") if event.kind == "new_version" else event.kind


def _fits(name: str, document: Document) -> bool:
    return {
        "receive": document.status == Status.SIGNED,
        "refuse": document.status == Status.SIGNED,
        "version": document.status != Status.WITHDRAWN,
        "withdraw": document.status in {Status.SHARED, Status.SENT, Status.SIGNED},
    }[name]


def _find(request: HttpRequest, document_id: int, *, to_work: bool = False) -> Document:
    """A document of the person's cases or their team's. Raises ``PermissionDenied`` and ``Http404``."""
    lookup.require_look(request, to_work=to_work)
    mine = Document.objects.filter(case__in=Case.objects.for_staff(request.user))
    return get_object_or_404(mine.select_related("case__customer", "stage", "appointment"), pk=document_id)


@admin.register(Document)
class DocumentAdmin(DocumentPages, PapersAdmin):
    """The list; a row leads to the document's page."""

    list_display = ["title", "customer", "kind", "document_state", "sent_at", "signed_at", "received_at"]
    list_select_related = ["case__customer"]
    list_filter = ["status", "kind"]
    search_fields = ["title", "case__customer__name", "case__number"]

    def document_id_of(self, paper: Document) -> int:
        return paper.pk

    @admin.display(description=_("status"), ordering="status")
    def document_state(self, document: Document) -> str:
        return state(document)
