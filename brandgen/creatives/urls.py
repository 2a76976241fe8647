"""Addresses of the creatives pages."""

from django.urls.resolvers import URLPattern, URLResolver

app_name = "creatives"
urlpatterns: list[URLPattern | URLResolver] = []
