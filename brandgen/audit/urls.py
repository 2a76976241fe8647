"""Addresses of the audit pages."""

from django.urls.resolvers import URLPattern, URLResolver

app_name = "audit"
urlpatterns: list[URLPattern | URLResolver] = []
