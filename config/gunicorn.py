"""How gunicorn serves the shop: ``gunicorn --config config/gunicorn.py config.wsgi``. The README lists the variables."""

from config import env, logs

bind = env.text("WEB_BIND", "0.0.0.0:8000")  # inside its container; the proxy stands in front
workers = env.number("WEB_WORKERS", 2)
threads = env.number("WEB_THREADS", 4)
worker_class = "gthread"
# Longer than the database's own limit of 15 seconds for a statement, so that its answer is the one people see.
timeout = 60
graceful_timeout = 30
keepalive = 5
# Workers share the code's memory, and are made anew now and then.
preload_app = True
max_requests = 20_000
max_requests_jitter = 2_000
forwarded_allow_ips = "*" if env.number("TRUSTED_PROXIES", 0) else "127.0.0.1"

_production = env.text("LANGGANAN_ENV", "local") == "production"
logconfig_dict = logs.configuration(
    as_json=env.flag("JSON_LOGS", _production), level=env.text("LOG_LEVEL", "INFO" if _production else "WARNING")
)
logconfig_dict["loggers"] |= {
    "gunicorn.error": {"level": "INFO" if _production else "WARNING", "handlers": [], "propagate": True},
    "gunicorn.access": {"level": "WARNING", "handlers": [], "propagate": True},
}
