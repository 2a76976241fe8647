"""Addresses of the Safety page."""

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from brandgen.generation import refusal_views

app_name = "safety"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", refusal_views.refusals, name="refusals"),
    path("policy", refusal_views.change_policy, name="policy"),
    path("<uuid:refusal_id>/preview", refusal_views.preview, name="preview"),
    path("<uuid:refusal_id>/judge", refusal_views.judge, name="judge"),
    path("<uuid:refusal_id>/release", refusal_views.release, name="release"),
]
