"""``manage.py demo``: the demo brand, its people, and one complete story."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from brandgen.config.demo.northwind import make_northwind
from brandgen.config.demo.people import PEOPLE
from brandgen.config.demo.story import find_story, tell_story
from brandgen.config.demo.workers import StoryError, some_worker


class Command(BaseCommand):
    """Make the demo brand once, and tell its story as often as asked."""

    help = "Make the demo brand Northwind and tell one story with it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the two ways to run it."""
        parser.add_argument(
            "--json", action="store_true", help="end with one line of JSON"
        )
        parser.add_argument(
            "--once", action="store_true", help="tell no second story; for make start"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell the story.

        Raises:
            CommandError: DEBUG is off, or the story broke off.
        """
        if not settings.DEBUG:
            raise CommandError(
                "The demo makes people with known passwords, so it runs with DEBUG on "
                "only."
            )
        brand, people = make_northwind()
        if options["once"] and find_story(brand):
            self._introduce()
            return
        started = time.monotonic()

        def tell(line: str) -> None:
            self.stdout.write(f"  {time.monotonic() - started:5.1f} s  {line}")

        try:
            with some_worker():
                story = tell_story(brand=brand, people=people, tell=tell)
        except StoryError as error:
            raise CommandError(f"The story broke off. {error}") from error
        tell(f"Done: {story.export.items.count()} files and their manifest lie in")
        self.stdout.write(f"           {settings.EXPORT_DIR}")
        self._introduce()
        if options["json"]:
            self.stdout.write(json.dumps(story.as_json()))

    def _introduce(self) -> None:
        self.stdout.write("\nSign in as one of the people of the demo brand Northwind:")
        for person in PEOPLE:
            self.stdout.write(
                f"  {person.email:27} {person.password:20} {person.comes_for}"
            )
