"""Addresses of the presets pages."""

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from brandgen.presets import views

app_name = "presets"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.preset_list, name="list"),
    path("new", views.new, name="new"),
    path("sample", views.sample, name="sample"),
    path("<uuid:preset_id>/", views.preset, name="preset"),
    path("<uuid:preset_id>/change", views.change, name="change"),
    path("<uuid:preset_id>/archive", views.archive, name="archive"),
]
