"""A Redis cache that the shop can live without."""

import logging
import time

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

SECONDS_TO_LEAVE_IT_ALONE = 10


class ForgivingRedisCache(RedisCache):
    """Answers as an empty cache while Redis is down or frozen.

    After a failure Redis is left alone for ten seconds, so that a frozen one costs a request one time-out, not one for each
    look-up. What is lost meanwhile is speed and the counters of rate limits, never an order.
    """

    _down_until = 0.0

    def _attempt(self, method: str, fallback, *args, **kwargs):
        if time.monotonic() < ForgivingRedisCache._down_until:
            return fallback
        try:
            return getattr(super(), method)(*args, **kwargs)
        except (RedisError, OSError):
            ForgivingRedisCache._down_until = time.monotonic() + SECONDS_TO_LEAVE_IT_ALONE
            logger.warning("The cache does not answer; going on without it", exc_info=True)
            return fallback

    def add(self, key, value, *args, **kwargs):
        return self._attempt("add", True, key, value, *args, **kwargs)

    def get(self, key, default=None, version=None):
        return self._attempt("get", default, key, default, version)

    def set(self, key, value, *args, **kwargs):
        return self._attempt("set", None, key, value, *args, **kwargs)

    def touch(self, key, *args, **kwargs):
        return self._attempt("touch", False, key, *args, **kwargs)

    def delete(self, key, version=None):
        return self._attempt("delete", False, key, version)

    def get_many(self, keys, version=None):
        return self._attempt("get_many", {}, keys, version)

    def has_key(self, key, version=None):
        return self._attempt("has_key", False, key, version)

    def incr(self, key, delta=1, version=None):
        return self._attempt("incr", delta, key, delta, version)

    def set_many(self, data, *args, **kwargs):
        return self._attempt("set_many", [], data, *args, **kwargs)

    def delete_many(self, keys, version=None):
        return self._attempt("delete_many", None, keys, version)

    def clear(self):
        return self._attempt("clear", False)
