import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from verify import verify

settings.configure(DEBUG=True, SECRET_KEY="x", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"])


RECIPE


urlpatterns = [path("webhook", webhook)]
execute_from_command_line(["app", "runserver", "--noreload", "127.0.0.1:" + os.environ["PORT"]])
