"""Names the app for Django."""

from django.apps import AppConfig


class CreativesConfig(AppConfig):
    """Registers the app."""

    name = "brandgen.creatives"

    def ready(self) -> None:
        """Have Create offer room for the texts of templates."""
        from brandgen.creatives.rooms import TemplateRooms
        from brandgen.generation import layouts

        layouts.register(TemplateRooms())
