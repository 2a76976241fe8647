"""Addresses of the presets pages."""

from django.urls.resolvers import URLPattern, URLResolver

app_name = "presets"
urlpatterns: list[URLPattern | URLResolver] = []
