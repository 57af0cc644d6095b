"""The list of Django admin on Rollcall's table, with default settings. Each request counts as signed in."""

from __future__ import annotations

import os

import django
from django.conf import settings

contrib = ["admin", "auth", "contenttypes", "sessions", "messages", "staticfiles"]
middleware = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "bench.peers.django_app.signed_in",
]
processors = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]
settings.configure(
    SECRET_KEY="bench",
    DEBUG=False,
    ALLOWED_HOSTS=["127.0.0.1"],
    INSTALLED_APPS=[f"django.contrib.{name}" for name in contrib],
    MIDDLEWARE=middleware,
    ROOT_URLCONF=__name__,
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": processors},
        }
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["PGHOST"],
            "PORT": os.environ["PGPORT"],
            "USER": os.environ["PGUSER"],
            "NAME": os.environ["PGDATABASE"],
            "CONN_MAX_AGE": 60,
        }
    },
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    USE_TZ=True,
    STATIC_URL="static/",
)
django.setup()

from django.contrib import admin  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.urls import path  # noqa: E402


class Person(models.Model):  # noqa: DJ008  nobody reads its name
    id = models.UUIDField(primary_key=True)
    email = models.EmailField()
    username = models.CharField(max_length=64, null=True)  # noqa: DJ001  the table is Rollcall's
    name = models.CharField(max_length=200)
    status = models.CharField(max_length=16, choices=[(word, word) for word in ("active", "invited", "deactivated")])
    created_at = models.DateTimeField()
    last_sign_in_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "auth"
        managed = False
        db_table = "users"


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    list_display = ("email", "username", "name", "status", "created_at", "last_sign_in_at")
    search_fields = ("username", "email", "name")
    list_filter = ("status",)
    list_per_page = 50


class Everything(User):
    """A user with all permissions that is not stored: the database has no tables of Django."""

    class Meta:
        proxy = True
        app_label = "auth"


def signed_in(get_response):
    def answer(request):
        request.user = Everything(pk=1, username="bench", is_staff=True, is_superuser=True, is_active=True)
        return get_response(request)

    return answer


urlpatterns = [path("admin/", admin.site.urls)]
app = get_wsgi_application()
