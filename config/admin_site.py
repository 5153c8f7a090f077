"""The staff's admin site: allauth's sign-in (limits, second factor) in place of Django's own form."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class StaffAdminSite(admin.AdminSite):
    site_header = _("Meja kerja staf")
    site_title = _("Langganan")
    index_title = _("Pekerjaan hari ini")
    login = secure_admin_login(admin.AdminSite.login)
