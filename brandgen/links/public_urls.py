"""Addresses of a public form, below its token."""

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from brandgen.links import fill_views

app_name = "fill"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", fill_views.page, name="page"),
    path("look", fill_views.look, name="look"),
    path("picture", fill_views.take, name="take"),
    path("enter", fill_views.enter, name="enter"),
    path("pictures/<uuid:asset_id>", fill_views.thumb, name="thumb"),
    path("logo/<slug:variant>", fill_views.logo, name="logo"),
    path("colors.css", fill_views.colors, name="colors"),
]
