"""Addresses of the library pages."""

from django.urls.resolvers import URLPattern, URLResolver

app_name = "library"
urlpatterns: list[URLPattern | URLResolver] = []
