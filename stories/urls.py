"""Addresses of stories."""

from django.urls import path

from stories import views

app_name = "stories"

urlpatterns = [
    path("stories/", views.story_list, name="list"),
    path("stories/<slug:slug>/", views.story_detail, name="detail"),
    path("capture/", views.capture, name="capture"),
    path("capture/autosave/", views.autosave, name="autosave"),
    path("capture/done/", views.captured, name="captured"),
]
