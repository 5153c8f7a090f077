"""People in the admin: who may be staff is a superuser's decision, and nobody changes their own rights.

A person's email address is fixed once made: it is changed by its owner, who proves to have the new one. Nobody types a
password for somebody else: the person chooses it by the link that is emailed. Accounts are closed, not deleted, because
documents name who acted.
"""

from allauth.account.forms import ResetPasswordForm
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import dates, groups
from accounts.models import Membership, User
from accounts.staff_fields import permission_heading, permission_words
from accounts.staff_pages import Button, ReadOnlyInline, ServiceButtons, TickBoxes, link_to

# Whoever may make other staff: a permission that no group has, so only superusers do.
SUPERUSERS_ONLY = "accounts.delete_user"
RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
TICKED = {
    Permission: {
        "queryset": Permission.objects.select_related("content_type"),
        "heading_of": permission_heading,
        "words_of": permission_words,
    }
}


class MembershipOfUser(ReadOnlyInline):
    model = Membership
    fields = readonly_fields = ["of_customer", "role", "since"]
    verbose_name_plural = _("bertindak untuk pelanggan")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("customer")

    @admin.display(description=_("pelanggan"))
    def of_customer(self, membership: Membership) -> str:
        return link_to(membership.customer)

    @admin.display(description=_("sejak"))
    def since(self, membership: Membership) -> str:
        return dates.short_moment(membership.created_at)


def reset_second_factor(person: User, actor: User, cleaned: dict) -> str:
    """For somebody who lost their phone and their recovery codes, after a call that proved who they are."""
    Authenticator.objects.filter(user=person).delete()
    return gettext("Verifikasi dua langkah %(person)s dihapus; sandi saja cukup sampai dipasang lagi.") % {
        "person": person
    }


class NewUserForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["email", "name", "language", "is_staff", "groups"]

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].strip().lower()
        if User.objects.filter(email__iexact=email).exists():
            raise ValidationError(_("Sudah ada akun dengan email ini."))
        return email


@admin.register(User)
class UserAdmin(TickBoxes, ServiceButtons):
    list_display = ["email", "name", "is_staff", "is_active", "date_joined", "last_login"]
    list_filter = ["is_staff", "is_active", "groups"]
    search_fields = ["email", "name"]
    ordering = ["-date_joined", "-pk"]
    readonly_fields = ["date_joined", "last_login"]
    ticked = TICKED
    inlines = [MembershipOfUser]
    change_form_template = "admin/user.html"
    buttons = [
        Button(
            name="reset-second-factor",
            label=_("Hapus verifikasi dua langkah"),
            permission=SUPERUSERS_ONLY,
            tone="danger",
            explain=_(
                "Hanya setelah Anda memastikan siapa yang meminta, misalnya lewat telepon ke nomor yang tercatat."
            ),
            run=reset_second_factor,
            shown=lambda person: Authenticator.objects.filter(user=person).exists(),
        )
    ]
    fieldsets = [
        (None, {"fields": ["email", "name", "language", "is_active", "date_joined", "last_login"]}),
        (_("Hak staf"), {"fields": RIGHTS[:3]}),
        (_("Hak khusus di luar grup"), {"fields": RIGHTS[3:], "classes": ["collapse"]}),
    ]

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs):
        return super().get_form(request, obj, change, **({"form": NewUserForm} if obj is None else {}), **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list:
        if obj is not None:
            return self.fieldsets
        fields = ["email", "name", "language"]
        if request.user.is_superuser:
            fields += ["is_staff", "groups"]
        return [
            (None, {"fields": fields, "description": gettext("Tautan untuk memilih kata sandi dikirim ke email ini.")})
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fixed = list(self.readonly_fields)
        if obj is not None:
            fixed.append("email")
        if not request.user.is_superuser:
            fixed += RIGHTS
        elif obj is not None and obj.pk == request.user.pk:
            # A superuser who drops the own rights by accident locks everybody out.
            fixed += ["is_staff", "is_superuser", "is_active"]
        return fixed

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list:
        return self.inlines if obj is not None else []

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Staff's accounts, one's own among them, are a superuser's to change."""
        if obj is not None and (obj.is_staff or obj.is_superuser) and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        send_password_link(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.password_link)
        return [path("<int:object_id>/password-link/", view, name="accounts_user_password_link"), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict, *args, obj: User | None = None, **kwargs):
        context["may_send_link"] = obj is not None and obj.is_active and self.has_change_permission(request, obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def password_link(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Email the person a link to choose a new password; on POST only."""
        person = self.get_object(request, str(object_id))
        if person is None or request.method != "POST":
            return redirect("admin:accounts_user_changelist")
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        send_password_link(request, person)
        messages.success(request, gettext("Tautan kata sandi dikirim ke %(email)s.") % {"email": person.email})
        return redirect(reverse("admin:accounts_user_change", args=[person.pk]))


def send_password_link(request: HttpRequest, person: User) -> None:
    """allauth's own reset mail, through the outbox as all of allauth's."""
    form = ResetPasswordForm({"email": person.email})
    if form.is_valid():
        form.save(request)


admin.site.unregister(Group)
# allauth's own pages would show secrets of second factors, and let staff declare any address as somebody's.
for model in (Authenticator, EmailAddress, UserSession):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Group)
class GroupAdmin(TickBoxes, DjangoGroupAdmin):
    """Groups of the code's table are shown, others are a superuser's to make."""

    filter_horizontal = []
    ticked = TICKED

    list_display = ["name", "built_in", "member_count"]

    @admin.display(description=_("bawaan"), boolean=True)
    def built_in(self, group: Group) -> bool:
        return groups.is_built_in(group.name)

    @admin.display(description=_("staf"))
    def member_count(self, group: Group) -> int:
        return group.members

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).annotate(members=Count("user"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser and (obj is None or not groups.is_built_in(obj.name))

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser and obj is not None and not groups.is_built_in(obj.name)
