"""What the lists of documents and of quotations have in common."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import ReadOnlyAdmin
from onboarding.admin.lookup import may_look
from onboarding.models import Case


class PapersAdmin(ReadOnlyAdmin):
    """Papers of the person's cases or their team's; a row leads to the page of its document, ``document_id_of`` it."""

    def document_id_of(self, paper: Model) -> int:
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(case__in=Case.objects.for_staff(request.user))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_look(request.user)

    def change_view(self, request: HttpRequest, object_id: str, *args, **kwargs) -> HttpResponse:
        found = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if found:
            return redirect("admin:onboarding_document", self.document_id_of(found))
        return super().change_view(request, object_id, *args, **kwargs)

    @admin.display(description=_("pelanggan"), ordering="case__customer__name")
    def customer(self, paper: Model) -> str:
        return paper.case.customer.name
