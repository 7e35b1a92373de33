"""A Django project, as small as they come."""
