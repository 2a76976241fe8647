"""Addresses of the exports pages."""

from django.urls.resolvers import URLPattern, URLResolver

app_name = "exports"
urlpatterns: list[URLPattern | URLResolver] = []
