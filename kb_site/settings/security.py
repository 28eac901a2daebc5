"""Accounts, sessions, headers and the content security policy."""

import base64
import os

from csp.constants import NONE, SELF, UNSAFE_INLINE

from kb_site.settings import env
from kb_site.settings.paths import KB_DATA_DIR
from kb_site.settings.secrets import kept

SECRET_KEY = kept("KB_SECRET_KEY", KB_DATA_DIR / "keys" / "secret.key")
# The key of people's identities lies outside the database: newest first, older ones still open old rows.
IDENTITY_KEYS = kept(
    "KB_IDENTITY_KEY",
    KB_DATA_DIR / "keys" / "identity.key",
    lambda: base64.urlsafe_b64encode(os.urandom(32)).decode(),
).split(",")

ALLOWED_HOSTS = env.words("KB_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
KB_BASE_URL = env.text("KB_BASE_URL", "http://127.0.0.1:8000")
KB_HTTPS = env.flag("KB_HTTPS", default=KB_BASE_URL.startswith("https://"))

AUTH_USER_MODEL = "club.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "club.backends.EmployeeBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
WAGTAILADMIN_LOGIN_URL = "/login/"
WAGTAIL_FRONTEND_LOGIN_URL = "/login/"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_NAME = "__Host-session" if KB_HTTPS else "kb_session"
CSRF_COOKIE_NAME = "__Host-csrf" if KB_HTTPS else "kb_csrf"
CSRF_COOKIE_HTTPONLY = False  # Wagtail's admin reads it
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = KB_HTTPS
CSRF_TRUSTED_ORIGINS = env.words("KB_TRUSTED_ORIGINS", KB_BASE_URL if KB_HTTPS else "")
SECURE_SSL_REDIRECT = KB_HTTPS and env.flag("KB_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if KB_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = KB_HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.flag("KB_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Readers' pages: nothing inline, nothing foreign. Plain dictionaries, so that Django 6's own setting can take them.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
# Wagtail's editor still writes inline scripts and styles (wagtail/wagtail#1288); only /admin/ gets this.
ADMIN_SECURITY_POLICY = {
    **CONTENT_SECURITY_POLICY["DIRECTIVES"],
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "frame-src": [SELF],
    "frame-ancestors": [SELF],
}
