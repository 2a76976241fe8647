"""Addresses of the generation pages."""

from django.urls.resolvers import URLPattern, URLResolver

app_name = "generation"
urlpatterns: list[URLPattern | URLResolver] = []
