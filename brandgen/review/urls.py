"""Addresses of the review pages."""

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from brandgen.review import views

app_name = "review"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.queue, name="queue"),
    path("requests", views.requests, name="requests"),
    path("submit", views.submit, name="submit"),
    path("grid", views.grid, name="grid"),
    path("approve-many", views.approve_many, name="approve_many"),
    path("asset/<uuid:asset_id>", views.of_asset, name="of_asset"),
    path("undo/<int:decision_id>", views.undo, name="undo"),
    path("<uuid:review_id>/", views.one, name="one"),
    path("<uuid:review_id>/decide", views.decide, name="decide"),
    path("<uuid:review_id>/withdraw", views.withdraw, name="withdraw"),
]
