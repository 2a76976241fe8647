"""Addresses of the pages that manage signed addresses."""

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from brandgen.links import views

app_name = "links"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.addresses, name="addresses"),
    path("new", views.choose, name="choose"),
    path("new/<uuid:template_id>", views.create, name="create"),
    path("<uuid:address_id>/", views.address, name="address"),
    path("<uuid:address_id>/revoke", views.revoke, name="revoke"),
]
