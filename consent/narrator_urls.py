"""Addresses of the narrator's page. Nothing personal is in them: a random token, and numbers."""

from django.urls import path

from consent.narrator import views

app_name = "narrator"

urlpatterns = [
    path("<str:token>/", views.home, name="home"),
    path("<str:token>/fresh/", views.fresh, name="fresh"),
    path("<str:token>/wording/<int:revision>/", views.ask, name="ask"),
    path("<str:token>/wording/<int:revision>/change/", views.change, name="change"),
    path("<str:token>/wording/<int:revision>/no/", views.refuse, name="refuse"),
    path("<str:token>/wording/<int:revision>/read/", views.read, name="read"),
    path("<str:token>/wording/<int:revision>/take-back/", views.take_back, name="take_back"),
    path("<str:token>/later/", views.later, name="later"),
    path("<str:token>/journal/", views.journal, name="journal"),
    path("<str:token>/outside/", views.outside, name="outside"),
    path("<str:token>/pause/", views.pause, name="pause"),
    path("<str:token>/resume/", views.resume, name="resume"),
    path("<str:token>/narrow/", views.narrow, name="narrow"),
    path("<str:token>/withdraw/", views.withdraw, name="withdraw"),
    path("<str:token>/correct/", views.correct, name="correct"),
    path("<str:token>/copy/", views.copy, name="copy"),
    path("<str:token>/erase/", views.erase, name="erase"),
    path("<str:token>/receipt/<int:consent>/", views.receipt, name="receipt"),
    path("<str:token>/receipt/<int:consent>/data/", views.receipt_data, name="receipt_data"),
    path("<str:token>/photo/<int:photo>/", views.photo, name="photo"),
    # Whatever else begins with a token is answered here, and not by a door that would repeat the address.
    path("<str:token>/<path:rest>", views.nothing, name="nothing"),
]
