"""Addresses. Signing in has one door; media has one guarded view; MEDIA_URL is never mapped to files."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

from kb_site import views
from onboarding.views.proof import did
from search.admin_views import guarded_promotion
from stories.views import media

# Other doors lead to the one, with the way one came.
to_the_door = login_not_required(RedirectView.as_view(pattern_name="login", query_string=True))

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("login/", views.SignIn.as_view(), name="login"),
    path("login/demo/", views.demo_login, name="demo_login"),  # not there unless the demonstration is on
    path("logout/", views.SignOut.as_view(), name="logout"),
    path("language/", views.switch_language, name="set_language"),
    path("about/consent/", views.consent_page, name="consent_page"),
    path("about/accessibility/", views.accessibility, name="accessibility"),
    path("help/", views.help_page, name="help"),
    path("admin/login/", to_the_door),
    path("admin/logout/", views.SignOut.as_view()),  # Wagtail's own drops the session on a mere GET
    path("admin/failwhale/", views.nothing_here),  # Wagtail's page that always fails
    # Screens and interfaces of Wagtail's that name pages and pictures to whoever enters the admin; nothing needs them.
    path("admin/choose-page/chosen-multiple/", views.closed, name="closed_chosen_multiple"),
    path("admin/reports/page-types-usage/", views.closed, name="closed_page_types"),
    path("admin/reports/page-types-usage/results/", views.closed, name="closed_page_types_results"),
    path("admin/searchpicks/<int:query_id>/", guarded_promotion, name="promotion"),
    path("admin/searchpicks/reports/search-terms/", views.closed, name="closed_search_terms"),
    path("admin/searchpicks/reports/search-terms/results/", views.closed, name="closed_search_terms_results"),
    path("admin/api/main/images/", views.closed, name="closed_images_api"),
    path("admin/api/main/images/find/", views.closed, name="closed_images_api_find"),
    path("admin/api/main/images/<int:pk>/", views.closed, name="closed_images_api_detail"),
    path("admin/", include(wagtailadmin_urls)),
    path("_util/login/", to_the_door),
    path("media/<path:name>", media, name="media"),
    path("n/", include("consent.narrator_urls")),
    path("search/", include("search.urls")),
    path("api/learning/", include("onboarding.api_urls")),
    path("api/", include("search.api_urls")),
    path("onboarding/", include("onboarding.urls")),
    path("hr/", include("onboarding.hr_urls")),
    path("proof/", include("onboarding.proof_urls")),
    path(".well-known/did.json", did, name="did"),
    path("", include("stories.urls")),
    path("", include("ideas.urls")),
    path("", views.home, name="home"),
    path("", include(wagtail_urls)),
]

handler404 = "kb_site.views.not_found"
