"""Addresses of the jobs pages."""

from django.urls.resolvers import URLPattern, URLResolver

app_name = "jobs"
urlpatterns: list[URLPattern | URLResolver] = []
