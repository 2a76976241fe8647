"""Makes images from prompts. Knows no Django, no Celery and no database."""
