"""The project: settings, addresses, and the few pages that are made of several apps."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
