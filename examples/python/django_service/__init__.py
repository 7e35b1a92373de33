"""A service that lets in the callers that have the scope it asks for.

    pip install 'stytch-m2m[django,djangorestframework]' gunicorn
    export DJANGO_SETTINGS_MODULE=django_service.settings
    gunicorn 'django.core.wsgi:get_wsgi_application()'

It verifies tokens by the project's public keys, and so needs STYTCH_PROJECT_ID and no secret.
"""
