"""The web process: ``granian --interface asgi brandgen.config.asgi:application``."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brandgen.config.settings")

application = get_asgi_application()
