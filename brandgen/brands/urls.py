"""Addresses of the brand kit pages."""

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from brandgen.brands import views

app_name = "brands"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.kit, name="kit"),
    path("version/<int:version>/", views.kit, name="version"),
    path("version/<int:version>/fonts.css", views.font_styles, name="font_styles"),
    path("version/fonts/<int:font_id>/<slug:sha256>", views.font_file, name="font"),
    path("logos/<int:logo_id>/<slug:sha256>", views.logo_file, name="logo"),
    path("start", views.start, name="start"),
    path("draft/", views.draft, name="draft"),
    path("draft/publish", views.publish, name="publish"),
    path("draft/<slug:kind>/new", views.part, name="add"),
    path("draft/<slug:kind>/<int:part_id>/", views.part, name="change"),
    path("draft/<slug:kind>/<int:part_id>/remove", views.remove, name="remove"),
]
