"""How customers reach the PICs (M2, M3)."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import PhoneField
from accounts.models import User
from accounts.staff_pages import Button, LabelledFields, ServiceButtons, StaffForm
from billing import uploads
from onboarding import contacts
from onboarding.models import StaffContact

CHANGE = "onboarding.change_staffcontact"


class ContactForm(forms.ModelForm):
    phone = PhoneField(label=_("telepon"), required=False, max_length=30, help_text=_("Contoh: 0812 3456 7890."))
    whatsapp = PhoneField(label=_("WhatsApp"), required=False, max_length=30, help_text=_("Contoh: 0812 3456 7890."))

    class Meta:
        model = StaffContact
        fields = ["user", "title_id", "title_en", "phone", "whatsapp"]


class PhotoForm(StaffForm):
    photo = forms.FileField(
        label=_("Foto"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_("JPEG, PNG atau WebP, paling besar 3 MB. Foto persegi tampil paling rapi."),
        error_messages={"required": _("Pilih fotonya.")},
    )

    def clean_photo(self) -> uploads.AcceptedFile:
        return uploads.accept(self.cleaned_data["photo"], kinds=contacts.PICTURES, max_bytes=contacts.MAX_BYTES)


def set_photo(contact: StaffContact, actor: User, cleaned: dict) -> str:
    contacts.set_photo(contact=contact, photo=cleaned["photo"])
    return gettext("Foto %(person)s disimpan.") % {"person": contact}


def remove_photo(contact: StaffContact, actor: User, cleaned: dict) -> str:
    contacts.remove_photo(contact=contact)
    return gettext("Foto %(person)s dihapus.") % {"person": contact}


def _has_photo(contact: StaffContact) -> bool:
    return bool(contact.photo)


@admin.register(StaffContact)
class StaffContactAdmin(LabelledFields, ServiceButtons):
    form = ContactForm
    list_display = ["person", "title_id", "phone", "whatsapp", "has_photo"]
    list_select_related = ["user"]
    search_fields = ["user__name", "user__email", "title_id"]
    fieldsets = [
        (
            None,
            {
                "fields": ["user", ("title_id", "title_en"), ("phone", "whatsapp"), "shown_photo"],
                "description": _(
                    "Pelanggan melihat kartu ini begitu orangnya menjadi PIC mereka, dengan nama dan email akunnya."
                ),
            },
        )
    ]
    readonly_fields = ["shown_photo"]
    buttons = [
        Button(
            name="photo",
            label=_("Ganti foto"),
            permission=CHANGE,
            form=PhotoForm,
            run=set_photo,
            refusals=(uploads.CannotStore, ValidationError),
        ),
        Button(
            name="no-photo",
            label=_("Hapus foto"),
            permission=CHANGE,
            tone="danger",
            explain=_("Kartu PIC menampilkan inisial namanya."),
            run=remove_photo,
            shown=_has_photo,
        ),
    ]

    def get_urls(self) -> list:
        photo = self.admin_site.admin_view(self.photo)
        return [path("<int:object_id>/photo/", photo, name="onboarding_staffcontact_photo"), *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: StaffContact | None = None) -> list[str]:
        return [*self.readonly_fields, *(["user"] if obj else [])]

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        if db_field.name == "user":
            kwargs["queryset"] = _without_a_card()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=_("staf"), ordering="user__name")
    def person(self, contact: StaffContact) -> str:
        return str(contact.user)

    @admin.display(description=_("foto"), boolean=True)
    def has_photo(self, contact: StaffContact) -> bool:
        return _has_photo(contact)

    @admin.display(description=_("foto"))
    def shown_photo(self, contact: StaffContact) -> str:
        if not contact.pk:
            return gettext("Simpan dulu, lalu unggah fotonya.")
        if not contact.photo:
            return gettext("belum ada")
        address = reverse("admin:onboarding_staffcontact_photo", args=[contact.pk])
        return format_html('<img class="contact-photo" src="{}" alt="{}">', address, contact)

    def photo(self, request: HttpRequest, object_id: int) -> FileResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        contact = get_object_or_404(StaffContact.objects.exclude(photo=""), pk=object_id)
        try:
            content = contact.photo.open("rb")
        except OSError as error:
            raise Http404 from error
        return FileResponse(content, content_type=contact.photo_type)


def _without_a_card() -> QuerySet[User]:
    return User.objects.filter(is_staff=True, is_active=True, contact=None).order_by("name", "pk")
