"""Addresses. The public ones stand in emails and bookmarks: they do not change."""

from django.contrib import admin
from django.urls import include, path

from catalog import views as store
from config import branding, views
from config.styleguide import styleguide

urlpatterns = [
    path("", store.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("language/", views.set_language, name="set-language"),
    path("theme.css", branding.stylesheet, name="theme"),
    path("icon.svg", branding.icon, name="shop-icon"),
    path("logo", branding.logo, name="shop-logo"),
    path("client/", views.client_home, name="client-home"),
    path("client/", include("accounts.urls")),
    path("store/", include("catalog.urls")),
    path("", include("cart.urls")),
    path("", include("billing.urls")),
    path("", include("tickets.urls")),
    path("", include("onboarding.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/styleguide/", admin.site.admin_view(styleguide), name="styleguide"),
    path("admin/", admin.site.urls),
]

handler400 = "config.views.bad_request"
handler403 = "config.views.permission_denied"
handler404 = "config.views.page_not_found"
handler500 = "config.views.server_error"
