"""The Django admin as the staff's workplace, entered through the same sign-in as the client area."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "config.admin_site.StaffAdminSite"
