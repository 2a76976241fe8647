"""Addresses of the pages that manage public forms."""

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from brandgen.links import form_views

app_name = "forms"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", form_views.forms, name="forms"),
    path("new", form_views.choose, name="choose"),
    path("new/<uuid:template_id>", form_views.create, name="create"),
    path("<uuid:form_id>/", form_views.form, name="form"),
    path("<uuid:form_id>/revoke", form_views.revoke, name="revoke"),
    path(
        "<uuid:form_id>/pictures/<int:picture_id>", form_views.picture, name="picture"
    ),
]
