"""Addresses of the pages for admins."""

from django.urls import path

from brandgen.jobs import admin_views

app_name = "jobs"
urlpatterns = [
    path("", admin_views.overview, name="overview"),
    path("test-job/", admin_views.send_test_job, name="test_job"),
    path("jobs/", admin_views.job_list, name="list"),
    path("jobs/<int:job_id>/", admin_views.job_page, name="job"),
    path("jobs/<int:job_id>/retry/", admin_views.retry_job, name="retry"),
    path("jobs/<int:job_id>/cancel/", admin_views.cancel_job, name="cancel"),
]
