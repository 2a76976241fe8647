"""Addresses of the library pages."""

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from brandgen.library import collection_views, cutout_views, views

app_name = "library"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.gallery, name="gallery"),
    path("upload", views.upload, name="upload"),
    path("collect", collection_views.collect, name="collect"),
    path("collections/", collection_views.collections, name="collections"),
    path(
        "collections/<uuid:collection_id>/",
        collection_views.collection,
        name="collection",
    ),
    path(
        "collections/<uuid:collection_id>/rename",
        collection_views.rename,
        name="collection-rename",
    ),
    path(
        "collections/<uuid:collection_id>/remove",
        collection_views.remove,
        name="collection-remove",
    ),
    path(
        "collections/<uuid:collection_id>/delete",
        collection_views.delete,
        name="collection-delete",
    ),
    path("<uuid:asset_id>/", views.asset, name="asset"),
    path("<uuid:asset_id>/file", views.file, name="file"),
    path("<uuid:asset_id>/thumb/<slug:size>", views.thumb, name="thumb"),
    path("<uuid:asset_id>/cutout", cutout_views.cutout, name="cutout"),
    path(
        "<uuid:asset_id>/cutout/preview",
        cutout_views.cutout_preview,
        name="cutout_preview",
    ),
    path("<uuid:asset_id>/describe", views.describe, name="describe"),
    path("<uuid:asset_id>/focal-point", views.focal_point, name="focal_point"),
    path("<uuid:asset_id>/archive", views.archive, name="archive"),
    path("<uuid:asset_id>/restore", views.restore, name="restore"),
]
