"""Customers in the admin, with their members and what happened to them."""

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import dates, invitations
from accounts.forms import CustomerForm
from accounts.models import Customer, CustomerEvent, Invitation, Membership, User
from accounts.staff_pages import Button, ReadOnlyAdmin, ReadOnlyInline, ServiceButtons, link_to


class MemberInline(ReadOnlyInline):
    model = Membership
    fields = readonly_fields = ["person", "email", "role", "since"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("user")

    @admin.display(description=_("orang"))
    def person(self, membership: Membership) -> str:
        return link_to(membership.user)

    @admin.display(description=_("email"))
    def email(self, membership: Membership) -> str:
        return membership.user.email

    @admin.display(description=_("sejak"))
    def since(self, membership: Membership) -> str:
        return dates.short_moment(membership.created_at)


class InvitationInline(ReadOnlyInline):
    model = Invitation
    fields = readonly_fields = ["email", "role", "created_at", "expires_at", "accepted_at", "revoked_at"]


class CustomerEventInline(ReadOnlyInline):
    model = CustomerEvent
    fields = readonly_fields = ["moment", "happened", "changes", "by"]
    verbose_name = verbose_name_plural = _("riwayat")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("actor")

    @admin.display(description=_("waktu"))
    def moment(self, event: CustomerEvent) -> str:
        return dates.short_moment(event.at)

    @admin.display(description=_("kejadian"))
    def happened(self, event: CustomerEvent) -> str:
        return event.words

    @admin.display(description=_("perubahan"))
    def changes(self, event: CustomerEvent) -> str:
        return format_html_join("", '<span class="change-line">{}: {} → {}</span>', event.changes) or "–"

    @admin.display(description=_("oleh"))
    def by(self, event: CustomerEvent) -> str:
        return str(event.actor or gettext("sistem"))


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    """Staff corrects a customer's data here; members manage themselves. Customers are never deleted: documents name them."""

    form = CustomerForm
    change_form_template = "admin/customer.html"
    list_display = ["name", "kind", "billing_email", "phone", "city", "created_at"]
    list_filter = ["kind", "language", "province"]
    search_fields = ["name", "billing_email", "npwp", "phone", "memberships__user__email"]
    readonly_fields = ["created_at"]
    inlines = [MemberInline, InvitationInline, CustomerEventInline]
    fieldsets = [
        (None, {"fields": ["kind", "name", "npwp", "nik", "created_at"]}),
        (_("Kontak tagihan"), {"fields": ["billing_email", "phone", "language"]}),
        (_("Cara menagih"), {"fields": ["separate_invoices", "credit_pays_renewals"]}),
        (_("Alamat"), {"fields": ["address", "city", "province", "postal_code"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Customer, form: forms.ModelForm, change: bool) -> None:
        """What changed is written into the customer's history, in the transaction of the change."""
        super().save_model(request, obj, form, change)
        if form.changed_data:
            changes = {name: [str(form.initial.get(name, "")), str(getattr(obj, name))] for name in form.changed_data}
            CustomerEvent.objects.create(customer=obj, actor=request.user, kind="edited_by_staff", detail=changes)


def revoke(invitation: Invitation, actor: User, cleaned: dict) -> str:
    invitations.revoke(invitation=invitation, actor=actor)
    return gettext("Undangan untuk %(email)s dibatalkan; tautannya tidak berlaku lagi.") % {"email": invitation.email}


@admin.register(Invitation)
class InvitationAdmin(ServiceButtons, ReadOnlyAdmin):
    list_display = ["email", "customer", "role", "created_at", "expires_at", "accepted_at", "revoked_at"]
    list_select_related = ["customer"]
    search_fields = ["email", "customer__name"]
    fields = ["customer", "email", "role", "invited_by", "created_at", "expires_at", "accepted_at", "revoked_at"]
    buttons = [
        Button(
            name="revoke",
            label=_("Batalkan undangan"),
            permission="accounts.change_customer",
            tone="danger",
            explain=_("Tautan di email undangan tidak berlaku lagi."),
            run=revoke,
            shown=lambda invitation: invitation.is_open,
            refusals=(invitations.InvitationClosed,),
        )
    ]
