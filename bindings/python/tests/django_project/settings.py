"""Its settings."""

import os

SECRET_KEY = "not a secret"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "django_project.urls"
MIDDLEWARE = ["django.middleware.csrf.CsrfViewMiddleware"]
if os.environ.get("PROTECT_ALL"):
    MIDDLEWARE.append("stytch_m2m.django.M2MMiddleware")
INSTALLED_APPS: list[str] = []
USE_TZ = True
STYTCH_M2M = {"max_token_age_seconds": 600}
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None}
