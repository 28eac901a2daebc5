"""The HTTP API of search, mounted at ``/api/``; its names have no namespace."""

from django.urls import path

from search import views

urlpatterns = [
    path("search/", views.api_search, name="api_search"),
    path("suggest/", views.api_suggest, name="api_suggest"),
]
