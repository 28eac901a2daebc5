"""The HTTP API of search, mounted at ``/api/``; its names have no namespace."""

from django.urls import path

from search import api

urlpatterns = [
    path("search/", api.search, name="api_search"),
    path("suggest/", api.suggest, name="api_suggest"),
]
