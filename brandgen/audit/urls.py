"""Addresses of the audit pages."""

from django.urls import path

from brandgen.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.audit, name="audit"),
    path("download/", views.download, name="download"),
]
