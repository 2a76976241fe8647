"""Addresses of the pages of models."""

from django.urls import path

from brandgen.model_registry import views

app_name = "model_registry"
urlpatterns = [
    path("", views.models, name="list"),
    path("add/", views.add, name="add"),
    path("licenses/<int:license_id>/withdraw", views.withdraw, name="withdraw"),
    path("<slug:model_key>/", views.model, name="model"),
    path("<slug:model_key>/work", views.work, name="work"),
    path("<slug:model_key>/check", views.check, name="check"),
    path("<slug:model_key>/fetch", views.fetch, name="fetch"),
    path("<slug:model_key>/license", views.license_, name="license"),
]
