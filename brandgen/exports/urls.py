"""Addresses of the exports pages."""

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from brandgen.exports import destination_views, views

app_name = "exports"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.exports, name="exports"),
    path("new", views.request_export, name="request"),
    path("<uuid:export_id>/", views.export, name="export"),
    path("<uuid:export_id>/progress", views.progress, name="progress"),
    path("<uuid:export_id>/retry", views.retry, name="retry"),
    path("<uuid:export_id>/finish", views.finish, name="finish"),
    path("<uuid:export_id>/again", views.again, name="again"),
    path("destinations/add", destination_views.choose_kind, name="kinds"),
    path("destinations/add/<slug:kind>", destination_views.add, name="add"),
    path(
        "destinations/<uuid:destination_id>/",
        destination_views.edit,
        name="destination",
    ),
    path(
        "destinations/<uuid:destination_id>/check",
        destination_views.check,
        name="check",
    ),
    path(
        "destinations/<uuid:destination_id>/switch",
        destination_views.switch,
        name="switch",
    ),
    path(
        "destinations/<uuid:destination_id>/delete",
        destination_views.delete,
        name="delete",
    ),
]
