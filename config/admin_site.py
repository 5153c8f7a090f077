"""The staff's admin site: allauth's sign-in, today's work as the start page, and a menu by subject."""

from functools import update_wrapper

from allauth.account.decorators import secure_admin_login
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

# The menu's sections in their order; models that are not named here follow under their app's own name.
MENU = (
    (
        _("Penagihan"),
        (
            "Order",
            "Service",
            "ServiceChange",
            "PriceChange",
            "ServiceTransfer",
            "Invoice",
            "PaymentConfirmation",
            "Payment",
            "PaymentAttempt",
            "GatewayMessage",
            "CreditNote",
            "Refund",
            "ProviderRefund",
            "CreditAccount",
            "TaxInvoice",
            "StatementLine",
            "StatementImport",
            "CreditEntry",
            "PromotionRedemption",
            "BillingRun",
            "BillingFailure",
            "LedgerCheck",
        ),
    ),
    (_("Pelanggan"), ("Customer", "Invitation", "User", "Cart", "OutboxEmail")),
    (
        _("Katalog"),
        ("ProductGroup", "Product", "OptionGroup", "Option", "Addon", "DomainExtension", "Promotion", "TaxRule"),
    ),
    (_("Onboarding"), ("Case", "Template", "StaffContact")),
    (_("Tiket"), ("Ticket", "Department", "CannedReply", "EscalationRule", "InboundEmail")),
    (_("Bantuan"), ("KnowledgeCategory", "Article", "Announcement")),
    (_("Pengaturan"), ("Shop", "Holiday", "PaymentMethod", "BankAccount", "TermsVersion", "NumberCounter", "Group")),
)


class StaffAdminSite(admin.AdminSite):
    site_header = _("Meja kerja staf")
    site_title = _("Langganan")
    index_title = _("Pekerjaan hari ini")
    index_template = "admin/today.html"

    @method_decorator(never_cache)
    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """allauth's door, with its limits and second factor, in place of Django's own form."""
        return secure_admin_login(super().login)(request, extra_context)

    def password_change(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return redirect("account_change_password")

    def logout(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return redirect("account_logout")

    def admin_view(self, view, cacheable: bool = False):
        """Signed-in people who are not staff are refused at once, and staff without a second factor are led to it."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if request.user.is_authenticated:
                if not self.has_permission(request):
                    raise PermissionDenied
                if lacks_second_factor(request):
                    messages.warning(request, _("Staf wajib memakai verifikasi dua langkah. Aktifkan dulu di sini."))
                    return redirect("mfa_index")
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)

    def get_urls(self) -> list:
        # Here and below: this module is read before the apps' models are.
        from billing.admin import dunning, reports
        from config import health

        own = [
            path("health/", self.admin_view(health.staff_page), name="health"),
            *reports.urls(self),
            *dunning.urls(self),
        ]
        return [*own, *super().get_urls()]

    def each_context(self, request: HttpRequest) -> dict:
        from config import shortcuts

        return {**super().each_context(request), "work_links": SimpleLazyObject(lambda: shortcuts.links(request.user))}

    def index(self, request: HttpRequest, extra_context: dict | None = None) -> TemplateResponse:
        from config import today

        return super().index(request, {"work": today.cards(request.user), **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict]:
        """By subject, as ``MENU`` says; for one app's own page as Django does."""
        apps = super().get_app_list(request, app_label)
        if app_label:
            return apps
        models = {model["object_name"]: (app, model) for app in apps for model in app["models"]}
        sections = [_section(name, [models.pop(one) for one in names if one in models]) for name, names in MENU]
        for app in apps:
            sections.append(_section(app["name"], [found for found in models.values() if found[0] is app]))
        return [section for section in sections if section["models"]]


def _section(name, found: list[tuple[dict, dict]]) -> dict:
    first = found[0][0] if found else {"app_label": "", "app_url": ""}
    return {
        "name": name,
        "app_label": first["app_label"],
        "app_url": first["app_url"],
        "has_module_perms": True,
        "models": [model for _app, model in found],
    }


def lacks_second_factor(request: HttpRequest) -> bool:
    """Recovery codes alone are none: they are for the day when the real one is lost."""
    real = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return settings.STAFF_MFA_REQUIRED and not get_mfa_adapter().is_mfa_enabled(request.user, types=real)
