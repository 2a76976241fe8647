"""Addresses of the review pages."""

from django.urls.resolvers import URLPattern, URLResolver

app_name = "review"
urlpatterns: list[URLPattern | URLResolver] = []
