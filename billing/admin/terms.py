"""Legal texts: a published version is read-only, and the next one begins as its copy."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff_pages import Button, LabelledFields, ServiceButtons
from billing.models import TermsVersion
from catalog.admin.base import RememberedAdmin

TEXTS = ("slug", "version", "title_id", "title_en", "body_id", "body_en")


def is_published(terms: TermsVersion) -> bool:
    return terms.published_at is not None and terms.published_at <= timezone.now()


def copy(terms: TermsVersion, actor: User, cleaned: dict) -> str:
    """The next version as an unpublished draft."""
    made = TermsVersion.objects.create(
        **{name: getattr(terms, name) for name in TEXTS if name != "version"}, version=next_version(terms)
    )
    return gettext("Versi %(version)s dibuat sebagai konsep; buka dari daftar untuk mengubah dan menerbitkannya.") % {
        "version": made.version
    }


def next_version(terms: TermsVersion) -> str:
    """The number of all versions plus one, the first of its kind that is free: 3, 3a has a person's hand in it."""
    taken = set(TermsVersion.objects.filter(slug=terms.slug).values_list("version", flat=True))
    number = len(taken) + 1
    while str(number) in taken:
        number += 1
    return str(number)


@admin.register(TermsVersion)
class TermsVersionAdmin(LabelledFields, ServiceButtons, RememberedAdmin):
    list_display = ["title_id", "version", "slug", "published_at"]
    list_filter = ["slug"]
    fields = [*TEXTS, "published_at"]
    buttons = [
        Button(
            name="copy",
            label=_("Versi baru dari ini"),
            permission="billing.add_termsversion",
            tone="primary",
            explain=_("Isinya disalin ke konsep baru. Pesanan lama tetap menunjuk ke versi yang disetujuinya."),
            run=copy,
        )
    ]

    def has_change_permission(self, request: HttpRequest, obj: TermsVersion | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or not is_published(obj))

    def has_delete_permission(self, request: HttpRequest, obj: TermsVersion | None = None) -> bool:
        return super().has_delete_permission(request, obj) and obj is not None and not is_published(obj)
