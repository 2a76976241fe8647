"""Addresses of the accounts pages."""

from django.urls.resolvers import URLPattern, URLResolver

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = []
