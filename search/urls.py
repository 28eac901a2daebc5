"""The search page and what belongs to it, mounted at ``/search/``."""

from django.urls import path

from search import saved_views, views

app_name = "search"

urlpatterns = [
    path("", views.results, name="results"),
    path("clicked/", views.clicked, name="clicked"),
    path("open/<slug:kind>/<int:object_id>/", views.open_result, name="open"),
    path("saved/", saved_views.saved, name="saved"),
    path("saved/add/", saved_views.save, name="save"),
    path("saved/key/", saved_views.new_key, name="new_key"),
    path("saved/<int:pk>/", saved_views.open_saved, name="open_saved"),
    path("saved/<int:pk>/change/", saved_views.change, name="change_saved"),
    path("feed/<slug:token>/<int:pk>/", saved_views.feed, name="feed"),
]
