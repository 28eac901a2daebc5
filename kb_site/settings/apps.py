"""Applications, middleware, templates and the demonstration switch."""

from kb_site.settings import env
from kb_site.settings.paths import BASE_DIR

DEBUG = env.flag("KB_DEBUG")
KB_DEMO = env.flag("KB_DEMO")
KB_COMPANY_NAME = env.text("KB_COMPANY_NAME")
# Whom narrators may call: named on their pages, in letters and on printed sheets.
KB_CONTACT_NAME = env.text("KB_CONTACT_NAME")
KB_CONTACT_PHONE = env.text("KB_CONTACT_PHONE")

INSTALLED_APPS = [
    "kb_site.apps.KbSiteConfig",
    "ideas.apps.IdeasConfig",
    "onboarding.apps.OnboardingConfig",
    "stories.apps.StoriesConfig",
    "consent.apps.ConsentConfig",
    "club.apps.ClubConfig",
    "search.apps.SearchConfig",
    "wagtail.contrib.search_promotions",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "axes",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "kb_site.middleware.HeadersMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "kb_site.urls"
WSGI_APPLICATION = "kb_site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kb_site.context.frame",
            ],
        },
    },
]
