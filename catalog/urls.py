from django.urls import path

from catalog import views

app_name = "catalog"
urlpatterns = [
    path("", views.storefront, name="store"),
    path("<slug:group_slug>/", views.group, name="group"),
]
