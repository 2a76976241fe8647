"""One log for every process: readable lines, or JSON for collectors."""

from typing import Any

import structlog

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.UnicodeDecoder(),
]


def logging_config(*, level: str, style: str) -> dict[str, Any]:
    """Build the dictionary for ``logging.config``; style is "text" or "json"."""
    # Both renderers escape control characters, so a name can't forge a second line.
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "brandgen": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    renderer,
                ],
            }
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "brandgen"}
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.request": {"level": "ERROR"},
            "celery.redirected": {"level": "WARNING"},
            # One line for each job is written by the jobs app itself.
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
            # It warns that filesystem:// names no host.
            "kombu.connection": {"level": "ERROR"},
            "amqp": {"level": "WARNING"},
            "PIL": {"level": "WARNING"},
            "fontTools": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
        },
    }
