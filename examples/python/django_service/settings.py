"""Django's settings, as far as this service needs any."""

import secrets

SECRET_KEY = secrets.token_urlsafe()
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "django_service.urls"
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None}  # There are no users, just clients.
# [m2m]
STYTCH_M2M = {"max_token_age_seconds": 3600}  # STYTCH_PROJECT_ID, STYTCH_BASE_URL
# [end]
