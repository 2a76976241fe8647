"""Addresses of the Create pages."""

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from brandgen.generation import compare_views, edit_views, views

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
    path("from/<uuid:asset_id>/", edit_views.vary, name="edit_vary"),
    path("from/<uuid:asset_id>/change/", edit_views.change, name="edit_change"),
    path("from/<uuid:asset_id>/extend/", edit_views.extend, name="edit_extend"),
    path("from/<uuid:asset_id>/enlarge/", edit_views.enlarge, name="edit_enlarge"),
    path(
        "from/<uuid:asset_id>/fidelity/",
        edit_views.test_fidelity,
        name="edit_fidelity",
    ),
    path("from/<uuid:asset_id>/picture", edit_views.picture, name="edit_picture"),
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
    path(
        "sheets/<uuid:generation_id>/<int:position>/finish",
        views.finish_again,
        name="finish_again",
    ),
    path(
        "sheets/<uuid:generation_id>/error-map",
        edit_views.error_map,
        name="error_map",
    ),
]
