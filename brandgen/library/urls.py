"""Addresses of the library pages."""

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from brandgen.library import views

app_name = "library"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.gallery, name="gallery"),
    path("upload", views.upload, name="upload"),
    path("<uuid:asset_id>/", views.asset, name="asset"),
    path("<uuid:asset_id>/file", views.file, name="file"),
    path("<uuid:asset_id>/thumb/<slug:size>", views.thumb, name="thumb"),
    path("<uuid:asset_id>/describe", views.describe, name="describe"),
    path("<uuid:asset_id>/focal-point", views.focal_point, name="focal_point"),
    path("<uuid:asset_id>/archive", views.archive, name="archive"),
    path("<uuid:asset_id>/restore", views.restore, name="restore"),
]
