"""The settings of a real installation, with a queue name that nobody else uses."""

import os

from brandgen.config.settings import *  # noqa: F403

JOB_QUEUES = (os.environ["CHAOS_QUEUE"],)
CELERY_TASK_DEFAULT_QUEUE = os.environ["CHAOS_QUEUE"]
