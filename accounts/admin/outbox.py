"""The outbox in the admin: what went out, what failed, how every email looks, and sending one again."""

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import outbox
from accounts.models import OutboxEmail, User
from accounts.staff_pages import Button, ReadOnlyAdmin, ServiceButtons

TONES = {
    OutboxEmail.Status.QUEUED: "info",
    OutboxEmail.Status.SENDING: "info",
    OutboxEmail.Status.SENT: "success",
    OutboxEmail.Status.FAILED: "danger",
}
# Of an email's own page: it shows its styles and runs nothing.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox; frame-ancestors 'self'"


def send_again(email: OutboxEmail, actor: User, cleaned: dict) -> str:
    sent = outbox.resend(email, actor)
    return gettext("Email untuk %(to)s masuk antrean kirim.") % {"to": sent.to}


def template_filter() -> type[admin.SimpleListFilter]:
    class TemplateFilter(admin.SimpleListFilter):
        title = _("templat")
        parameter_name = "template"

        def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
            return [(one.template, one.template) for one in outbox.all_registered()]

        def queryset(self, request: HttpRequest, queryset):
            return queryset.filter(template=self.value()) if self.value() else queryset

    return TemplateFilter


@admin.register(OutboxEmail)
class OutboxEmailAdmin(ServiceButtons, ReadOnlyAdmin):
    list_display = ["created_at", "to", "subject_or_template", "state", "attempts", "sent_at"]
    list_filter = ["status", template_filter(), "language"]
    search_fields = ["to", "subject"]
    date_hierarchy = None
    change_list_template = "admin/outbox_list.html"
    change_form_template = "admin/outbox_email.html"
    fields = [
        "to", "subject_or_template", "state", "customer", "language", "created_at", "due_at", "retry_until", "attempts",
        "sent_at", "resent_by", "last_error",
    ]  # fmt: skip
    readonly_fields = fields
    buttons = [
        Button(
            name="resend",
            label=_("Kirim ulang"),
            permission="accounts.change_outboxemail",
            tone="primary",
            explain=_("Email yang gagal dicoba lagi; email yang sudah terkirim dikirim sekali lagi sebagai salinan."),
            run=send_again,
            shown=outbox.can_resend,
            refusals=(outbox.CannotResend,),
        )
    ]

    @admin.display(description=_("email"), ordering="subject")
    def subject_or_template(self, email: OutboxEmail) -> str:
        return email.subject or email.template

    @admin.display(description=_("status"), ordering="status")
    def state(self, email: OutboxEmail) -> str:
        return format_html('<span class="tag tag-{}">{}</span>', TONES[email.status], email.get_status_display())

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("preview/", view(self.previews), name="accounts_outboxemail_previews"),
            path("preview/<path:template>/<str:language>/", view(self.preview), name="accounts_outboxemail_preview"),
            path("<int:object_id>/body/", view(self.body), name="accounts_outboxemail_body"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        counts = dict(OutboxEmail.objects.order_by().values_list("status").annotate(Count("pk")))
        context = {
            "counts": [
                (label, value, TONES[value], counts.get(value, 0)) for value, label in OutboxEmail.Status.choices
            ],
            "mail_folder": getattr(settings, "EMAIL_FILE_PATH", None),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def previews(self, request: HttpRequest) -> HttpResponse:
        """Every registered email, in both languages, made from an existing row."""
        self._check(request)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Contoh semua email"),
            "opts": self.model._meta,
            "emails": outbox.all_registered(),
            "languages": settings.LANGUAGES,
        }
        return TemplateResponse(request, "admin/outbox_previews.html", context)

    @method_decorator(csp_update({"frame-src": [SELF]}))
    def preview(self, request: HttpRequest, template: str, language: str) -> HttpResponse:
        self._check(request)
        if language not in dict(settings.LANGUAGES):
            raise Http404
        try:
            rendered = outbox.preview(template, language)
        except LookupError as error:
            raise Http404 from error
        if "html" in request.GET:
            return mail_page(rendered.html if rendered else "")
        context = {
            **self.admin_site.each_context(request),
            "title": template,
            "opts": self.model._meta,
            "rendered": rendered,
            "template": template,
            "language": language,
            "languages": settings.LANGUAGES,
        }
        return TemplateResponse(request, "admin/outbox_preview.html", context)

    @method_decorator(csp_update({"frame-src": [SELF]}))
    def change_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """The page shows the kept email in a frame of its own."""
        return super().change_view(request, *args, **kwargs)

    def body(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """A kept email's HTML, alone, for the frame on its page."""
        self._check(request)
        email = self.get_object(request, str(object_id))
        if email is None:
            raise Http404
        return mail_page(email.html_body)

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def mail_page(html: str) -> HttpResponse:
    """An email's own HTML for a frame: its styles work, and nothing else does."""
    response = HttpResponse(html, headers={"X-Frame-Options": "SAMEORIGIN"})
    response["Content-Security-Policy"] = MAIL_POLICY
    return response
