"""Addresses of proof, open to anybody who has one. Nothing personal is in them: a random token."""

from django.urls import path

from onboarding.views import proof

app_name = "proof"
urlpatterns = [
    path("revoked.json", proof.revoked, name="revoked"),
    path("<str:token>/", proof.verify, name="verify"),
    path("<str:token>/badge.json", proof.badge, name="badge"),
]
