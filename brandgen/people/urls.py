"""Addresses of the People pages."""

from django.urls import path

from brandgen.people import views

app_name = "people"
urlpatterns = [
    path("", views.people, name="people"),
    path("invite/", views.invite, name="invite"),
    path("<int:person>/", views.person, name="person"),
    path("<int:person>/account/", views.change_account, name="change_account"),
    path("members/<int:membership>/", views.change_member, name="change_member"),
    path("members/<int:membership>/remove/", views.remove_member, name="remove_member"),
]
