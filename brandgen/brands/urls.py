"""Addresses of the brands pages."""

from django.urls.resolvers import URLPattern, URLResolver

app_name = "brands"
urlpatterns: list[URLPattern | URLResolver] = []
