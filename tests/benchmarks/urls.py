"""The shop's addresses and two reference pages under the same middleware."""

from django.urls import path

from config.urls import (  # noqa: F401
    handler400,
    handler403,
    handler404,
    handler500,
)
from config.urls import (
    urlpatterns as shop,
)
from tests.benchmarks import views

urlpatterns = [path("benchmark/const/", views.const), path("benchmark/rows/", views.rows), *shop]
