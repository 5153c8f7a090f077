"""Email that came in: first of all what was not taken, with the reason."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff_pages import Button, ReadOnlyAdmin, ServiceButtons
from tickets import addresses, inbound, mail_reading
from tickets.models import InboundEmail

Outcome = InboundEmail.Outcome
TONES = {
    Outcome.RECEIVED: "info",
    Outcome.REPLIED: "success",
    Outcome.OPENED: "success",
    Outcome.IGNORED: "warning",
    Outcome.FAILED: "danger",
}
NOT_TAKEN = (Outcome.IGNORED, Outcome.FAILED)


def process_again(email: InboundEmail, actor: User, cleaned: dict) -> str:
    inbound.try_again(email=email, actor=actor)
    return gettext("Hasilnya sekarang: %(outcome)s.") % {"outcome": email.get_outcome_display()}


class TakenFilter(admin.SimpleListFilter):
    """Without a choice: what staff may have to do something about."""

    title = _("hasil")
    parameter_name = "taken"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list:
        return [("yes", _("Menjadi tiket atau balasan")), ("all", _("Semua"))]

    def choices(self, changelist):
        first, *others = super().choices(changelist)
        yield {**first, "display": _("Tidak diambil")}
        yield from others

    def queryset(self, request: HttpRequest, queryset):
        if self.value() == "all":
            return queryset
        if self.value() == "yes":
            return queryset.filter(outcome__in=[Outcome.REPLIED, Outcome.OPENED])
        return queryset.filter(outcome__in=[*NOT_TAKEN, Outcome.RECEIVED])


@admin.register(InboundEmail)
class InboundEmailAdmin(ServiceButtons, ReadOnlyAdmin):
    list_display = ["received_at", "sender_shown", "subject", "state", "reason"]
    list_filter = [TakenFilter, "provider"]
    list_select_related = ["ticket"]
    search_fields = ["sender", "recipient", "subject", "email_message_id"]
    fields = [
        "received_at", "provider", "sender", "recipient", "subject", "state", "reason", "attempts", "ticket_link", "text",
        "raw_link",
    ]  # fmt: skip
    readonly_fields = fields
    buttons = [
        Button(
            name="again",
            label=_("Proses lagi"),
            permission="tickets.change_inboundemail",
            tone="primary",
            explain=_("Misalnya setelah pengirimnya menjadi anggota. Email yang sudah diambil tidak berubah."),
            run=process_again,
            shown=lambda email: email.outcome in NOT_TAKEN,
        )
    ]

    @admin.display(description=_("dari"), ordering="sender")
    def sender_shown(self, email: InboundEmail) -> str:
        return email.sender or gettext("tidak diketahui")

    @admin.display(description=_("hasil"), ordering="outcome")
    def state(self, email: InboundEmail) -> str:
        return format_html('<span class="tag tag-{}">{}</span>', TONES[email.outcome], email.get_outcome_display())

    @admin.display(description=_("tiket"))
    def ticket_link(self, email: InboundEmail) -> str:
        if email.ticket is None:
            return "–"
        return format_html('<a href="{}">{}</a>', addresses.staff_page(email.ticket), email.ticket)

    @admin.display(description=_("isi tanpa kutipan"))
    def text(self, email: InboundEmail) -> str:
        """As text, whatever it is: nothing of a stranger's email runs or loads here."""
        try:
            return inbound.read(email).text or "–"
        except (mail_reading.Unreadable, OSError) as error:
            return str(error)

    @admin.display(description=_("email lengkap"))
    def raw_link(self, email: InboundEmail) -> str:
        address = reverse("admin:tickets_inboundemail_raw", args=[email.pk])
        return format_html('<a href="{}">{}</a>', address, gettext("Unduh (.eml)"))

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.raw)
        return [path("<int:object_id>/raw/", view, name="tickets_inboundemail_raw"), *super().get_urls()]

    def raw(self, request: HttpRequest, object_id: int) -> FileResponse:
        """The email as it came, for the reader's own mail program."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        email = self.get_object(request, str(object_id))
        if email is None:
            raise Http404
        return FileResponse(
            email.raw.open("rb"),
            as_attachment=True,
            filename=f"email-{email.pk}.eml",
            content_type="application/octet-stream",
        )
