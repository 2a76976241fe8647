#!/usr/bin/env python
"""Run Django's commands for brandgen."""

import os
import sys

from django.core.management import execute_from_command_line

from brandgen.config.env import SettingError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brandgen.config.settings")
    try:
        execute_from_command_line(sys.argv)
    except SettingError as error:
        sys.exit(f"brandgen does not start: {error}")
