"""The one settings file. Defaults run the demo shop on this machine; production is chosen by environment variables.

``LANGGANAN_ENV=production`` turns on everything a public shop needs and gives no secret a default. Every variable is listed
in the README's configuration table and in ``.env.example``.
"""

from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from config import env, logs, mailboxes, providers, schedule

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))

ENVIRONMENT = env.text("LANGGANAN_ENV", "local")
if ENVIRONMENT not in {"local", "production"}:
    raise ImproperlyConfigured(f"LANGGANAN_ENV must be 'local' or 'production'; it is {ENVIRONMENT!r}.")
PRODUCTION = ENVIRONMENT == "production"

# Secrets


def _secret(name: str, why: str) -> str:
    """A secret has a fixed value on a developer's machine only; production refuses to start without its own."""
    return (
        env.required(name, why) if PRODUCTION else env.text(name, f"local-only-{name.lower()}-not-a-secret-0123456789")
    )


SECRET_KEY = _secret("SECRET_KEY", "a random string of 50 characters or more that signs sessions and links")
# Login details of services are encrypted with these keys, newest first; older ones still decrypt.
FIELD_ENCRYPTION_KEYS = [
    key.strip()
    for key in _secret("FIELD_ENCRYPTION_KEY", "a random string that encrypts customers' login details").split(",")
]

# Addresses

DEBUG = False if PRODUCTION else env.flag("DEBUG", False)
BASE_URL = (
    env.required("BASE_URL", "the shop's public address, such as https://store.example.co.id")
    if PRODUCTION
    else env.text("BASE_URL", f"http://localhost:{env.number('PORT', 8000)}")
).rstrip("/")
ALLOWED_HOSTS = (
    [host.strip() for host in env.required("ALLOWED_HOSTS", "the host names this shop answers to").split(",")]
    if PRODUCTION
    else env.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]", "testserver"])
)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
# How many proxies in front of gunicorn add themselves to X-Forwarded-For; 0 trusts the connection's own address.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Applications

INSTALLED_APPS = [
    "config.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "accounts",
    "catalog",
    "billing",
    "cart",
    "tickets",
    "onboarding",
]

MIDDLEWARE = [
    "config.middleware.request_id",
    "config.middleware.health_check",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.part_without_session",
    "accounts.middleware.current_customer",
    "config.middleware.page_headers",
    "config.middleware.InvalidFormStatus",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

_TEMPLATE_LOADERS = [
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    _TEMPLATE_LOADERS if DEBUG else [("django.template.loaders.cached.Loader", _TEMPLATE_LOADERS)],
                )
            ],
            "builtins": ["template_partials.templatetags.partials", "config.templatetags.shop"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.page",
            ],
        },
    }
]
FORM_RENDERER = "config.forms.ShopRenderer"

# Data

DATABASE_URL = env.text("DATABASE_URL")
if PRODUCTION and not DATABASE_URL:
    raise ImproperlyConfigured(
        "Set DATABASE_URL: the PostgreSQL database, such as postgres://user:password@host:5432/name."
    )
if DATABASE_URL:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
    if DATABASES["default"]["ENGINE"].endswith("postgresql"):
        DATABASES["default"].setdefault("OPTIONS", {})["options"] = (
            "-c lock_timeout=5s -c statement_timeout=15s -c idle_in_transaction_session_timeout=15s"
        )
else:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "langganan.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
            },
            # A file, not memory: the race tests need several connections to one database.
            "TEST": {"NAME": VAR_DIR / "test.sqlite3"},
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
if PRODUCTION and not REDIS_URL:
    raise ImproperlyConfigured("Set REDIS_URL: the task broker and cache, such as redis://host:6379/0.")
_LOCAL_MEMORY = "django.core.cache.backends.locmem.LocMemCache"
# Half a second each: a frozen Redis must not hold a checkout (RELIABILITY, email and tasks).
_REDIS_WEB_TIMEOUTS = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "config.cache.ForgivingRedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "langganan",
            "OPTIONS": _REDIS_WEB_TIMEOUTS,
        }
    }
else:
    CACHES = {"default": {"BACKEND": _LOCAL_MEMORY}}
# Small, read on nearly every page, rebuilt by each process when staff change the shop.
CACHES["process"] = {"BACKEND": _LOCAL_MEMORY, "LOCATION": "process", "OPTIONS": {"MAX_ENTRIES": 2000}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# Files

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"
S3_BUCKET = env.text("S3_BUCKET")
if S3_BUCKET:
    _default_storage = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.text("S3_ENDPOINT_URL") or None,
            "region_name": env.text("S3_REGION") or None,
            "access_key": env.text("S3_ACCESS_KEY_ID") or None,
            "secret_key": env.text("S3_SECRET_ACCESS_KEY") or None,
            "default_acl": "private",
            "querystring_auth": True,
            "file_overwrite": False,
        },
    }
else:
    # Nothing here is served by URL: every download goes through a view that checks who asks.
    _default_storage = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT), "base_url": None},
    }
STORAGES = {
    "default": _default_storage,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# Language and time

LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
USE_I18N = True
USE_TZ = True
# The company's time zone: due dates, invoice numbers and "today" are computed in it.
TIME_ZONE = env.text("TIME_ZONE", "Asia/Jakarta")

# Who is asked whether a domain name is free: a class as in catalog.domains.
DOMAIN_REGISTRAR = "catalog.domains.CheckedAfterOrdering"

# Sign-in

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.MemberBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "client-home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Mandatory at sign-up and sign-in, or the pages could not give known and unknown addresses the same answer. The checkout
# signs new customers in at once: ordering does not wait for the mail.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "website"
ACCOUNT_FORMS = {"signup": "accounts.signup.SignUpForm"}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if BASE_URL.startswith("https") else "http"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
# Staff must have a second factor before the admin opens.
STAFF_MFA_REQUIRED = env.flag("STAFF_MFA_REQUIRED", PRODUCTION)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# Mail

DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Langganan <no-reply@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 15
# Such as "mailgun" or "amazon_ses"; its own settings follow as ANYMAIL_<NAME>, as anymail documents them. Beside EMAIL_HOST
# it only takes email in.
ANYMAIL_PROVIDER = env.text("ANYMAIL_PROVIDER")
ANYMAIL = env.prefixed("ANYMAIL_", without=frozenset({"ANYMAIL_PROVIDER"})) if ANYMAIL_PROVIDER else {}
if env.text("EMAIL_HOST"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = env.text("EMAIL_HOST")
    EMAIL_PORT = env.number("EMAIL_PORT", 587)
    EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
    EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
    EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True)
elif ANYMAIL_PROVIDER:
    EMAIL_BACKEND = f"anymail.backends.{ANYMAIL_PROVIDER}.EmailBackend"
    INSTALLED_APPS += ["anymail"]
elif PRODUCTION:
    raise ImproperlyConfigured("Set EMAIL_HOST (SMTP) or ANYMAIL_PROVIDER: customers are told everything by email.")
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"

# Answers by email come to addresses of this domain (tickets.addresses); empty: they go to the shop's address.
TICKETS_INBOUND_DOMAIN = env.text("TICKETS_INBOUND_DOMAIN")
# They arrive by the provider's webhook (/webhooks/inbound/<provider>/), or from a mailbox.
TICKETS_MAILBOX = mailboxes.tickets(domain=TICKETS_INBOUND_DOMAIN)

# Payment providers and bank statements

# Their test systems, where no real money moves; locally also the demo's invented ones.
PAYMENT_SANDBOX = env.flag("PAYMENT_SANDBOX", not PRODUCTION)
MIDTRANS = providers.midtrans(sandbox=PAYMENT_SANDBOX, production=PRODUCTION)
XENDIT = providers.xendit(sandbox=PAYMENT_SANDBOX, production=PRODUCTION)
STATEMENTS_DIR = env.text("STATEMENTS_DIR", "" if PRODUCTION else str(VAR_DIR / "statements"))
STATEMENTS_MAILBOX = mailboxes.statements()
STATEMENTS_SENDERS = mailboxes.statement_senders()
# Each of them opens /webhooks/mutations/, so that a new one can be set beside the old.
BANK_MUTATION_SECRETS = env.secrets("BANK_MUTATION_SECRET")

# Tasks

CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Somebody who pays waits in front of the page: what asks their provider stands in no line behind a day's emails. A worker
# takes from both in turn.
CELERY_TASK_QUEUES = [Queue("celery"), Queue("payments")]
CELERY_TASK_ROUTES = {f"billing.tasks.{name}": {"queue": "payments"} for name in ("run_attempt", "sweep_attempts")}
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
else:
    _QUEUE_DIR = VAR_DIR / "queue"
    for _folder in ("messages", "processed", "control"):
        (_QUEUE_DIR / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # One folder for both: what the shop puts in is what the worker takes out.
        "data_folder_in": str(_QUEUE_DIR / "messages"),
        "data_folder_out": str(_QUEUE_DIR / "messages"),
        "processed_folder": str(_QUEUE_DIR / "processed"),
        "control_folder": str(_QUEUE_DIR / "control"),
        "store_processed": False,
    }
# Connections that only tell a worker that a row waits (accounts.outbox.nudge): one try, for kombu would go on trying for
# four seconds whatever the publisher asked for. The worker's own are patient.
NUDGE_TRANSPORT_OPTIONS = {**_REDIS_WEB_TIMEOUTS, "max_retries": 0} if REDIS_URL else {}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = schedule.jobs(tickets=TICKETS_MAILBOX, folder=STATEMENTS_DIR, statements=STATEMENTS_MAILBOX)

# Security

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.views.csrf_failure"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", True)
    SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 365 * 24 * 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"

# Logs

LOGGING = logs.configuration(as_json=env.flag("JSON_LOGS", PRODUCTION), level=env.text("LOG_LEVEL", "INFO"))
