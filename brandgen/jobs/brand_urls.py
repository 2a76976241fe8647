"""Addresses of jobs below ``/b/<brand>/``."""

from django.urls import path

from brandgen.jobs import views

urlpatterns = [
    path("progress/", views.progress_stream, name="progress"),
    path("progress.json", views.progress_json, name="progress_json"),
    path("jobs/<int:job_id>/cancel/", views.cancel, name="job_cancel"),
]
