"""Addresses of the Create pages."""

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from brandgen.generation import compare_views, views

app_name = "generation"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.picker, name="picker"),
    path("preset/<uuid:preset_id>/", views.new, name="new"),
    path("preset/<uuid:preset_id>/prompt", views.prompt, name="prompt"),
    path(
        "preset/<uuid:preset_id>/recall/<uuid:generation_id>/<int:position>",
        views.recall,
        name="recall",
    ),
    path("compare/", compare_views.page, name="compare"),
    path("sheets/", views.history, name="history"),
    path("sheets/<uuid:generation_id>/", views.sheet, name="sheet"),
    path("sheets/<uuid:generation_id>/cells", views.cells, name="cells"),
    path("sheets/<uuid:generation_id>/finish", views.finish, name="finish"),
    path("sheets/<uuid:generation_id>/cancel", views.cancel, name="cancel"),
    path("sheets/<uuid:generation_id>/resume", views.resume, name="resume"),
    path(
        "sheets/<uuid:generation_id>/<int:position>/preview",
        views.preview,
        name="preview",
    ),
    path("sheets/<uuid:generation_id>/<int:position>/pick", views.pick, name="pick"),
    path("sheets/<uuid:generation_id>/<int:position>/vary", views.vary, name="vary"),
]
