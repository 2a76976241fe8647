"""Every setting, read from the environment; the defaults need no server at all.

Reference: ``docs/reference/settings.md``, held to this file by a test. With ``DEBUG``
off (the production profile) unsafe values stop the start.
"""

import sys
from contextlib import suppress
from pathlib import Path

# Debian's SQLite (3.40) has the WAL-reset bug, fixed in 3.51.3: use the bundled one.
# https://sqlite.org/wal.html#walresetbug
with suppress(ImportError):
    import pysqlite3

    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2

from csp.constants import NONE, SELF

from brandgen.config import env
from brandgen.config.celery import transport_options
from brandgen.config.logs import logging_config
from brandgen.config.secrets import (
    load_or_make_encryption_key,
    load_or_make_secret_key,
)
from brandgen.engine.compile_modes import COMPILE_MODES
from brandgen.engine.layout import SIZES
from brandgen.engine.memory_modes import MEMORY_MODES

ROOT = Path(__file__).resolve().parents[2]
DATA_DIR = Path(env.read_text("BRANDGEN_DATA_DIR", str(ROOT / "data"))).resolve()

# --- Profile ------------------------------------------------------------------------

DEBUG = env.read_flag("DEBUG", True)
PUBLIC_URL = env.read_text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.read_list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.read_list("CSRF_TRUSTED_ORIGINS")
SECRET_KEY = load_or_make_secret_key(DATA_DIR, is_required=not DEBUG)
ENCRYPTION_KEYS = env.read_list("ENCRYPTION_KEYS")
if DEBUG:
    ENCRYPTION_KEYS = ENCRYPTION_KEYS or [load_or_make_encryption_key(DATA_DIR)]
else:
    if "*" in ALLOWED_HOSTS:
        raise env.SettingError(
            "ALLOWED_HOSTS is '*'. Name the hosts that serve brandgen."
        )
    if not ENCRYPTION_KEYS:
        raise env.SettingError(
            "ENCRYPTION_KEYS is not set. Make one with "
            "`python -m brandgen.config.secrets` and keep it safe."
        )

# --- Apps ---------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "brandgen.config",
    "brandgen.accounts",
    "brandgen.audit",
    "brandgen.brands",
    "brandgen.jobs",
    "brandgen.model_registry",
    "brandgen.library",
    "brandgen.review",
    "brandgen.safety",
    "brandgen.presets",
    "brandgen.generation",
    "brandgen.creatives",
    "brandgen.exports",
    "brandgen.links",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "brandgen.config.middleware.CleanCookiesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "brandgen.config.middleware.PlainErrorMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "brandgen.config.middleware.SignInMiddleware",
]

ROOT_URLCONF = "brandgen.config.urls"
ASGI_APPLICATION = "brandgen.config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "brandgen.config.shell.shell",
            ],
            "builtins": ["brandgen.config.templatetags.brandgen"],
        },
    }
]

# --- Database -----------------------------------------------------------------------

DATABASES = {
    "default": env.read_database("DATABASE_URL", default_path=DATA_DIR / "db.sqlite3")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# ATOMIC_REQUESTS stays off: under IMMEDIATE even a page that only reads would wait for
# the one writer (docs/adr/0004).

# --- Objects ------------------------------------------------------------------------

STORAGE_URL = env.read_text("STORAGE_URL", f"file://{DATA_DIR / 'blobs'}")
S3 = {
    "endpoint_url": env.read_text("S3_ENDPOINT_URL", ""),
    "region": env.read_text("S3_REGION", "us-east-1"),
    "access_key_id": env.read_text("S3_ACCESS_KEY_ID", ""),
    "secret_access_key": env.read_text("S3_SECRET_ACCESS_KEY", ""),
    "checksum_mode": env.read_text(
        "S3_CHECKSUM_MODE",
        "auto",
        choices=["auto", "when_supported", "when_required"],
    ),
    "addressing_style": env.read_text(
        "S3_ADDRESSING_STYLE", "path", choices=["path", "virtual"]
    ),
    "ca_bundle": env.read_text("S3_CA_BUNDLE", ""),
}
EXPORT_DIR = Path(env.read_text("EXPORT_DIR", str(DATA_DIR / "exports"))).resolve()
FONTS_DIR = env.read_folder("FONTS_DIR")
ICC_DIR = env.read_folder("ICC_DIR")
EXPORT_PRIVATE_HOSTS = env.read_list("EXPORT_PRIVATE_HOSTS", ["*"] if DEBUG else [])
MAX_UPLOAD_BYTES = env.read_number("MAX_UPLOAD_MB", 25, low=1, high=500) * 2**20
MAX_IMAGE_PIXELS = (
    env.read_number("MAX_IMAGE_MEGAPIXELS", 40, low=1, high=400) * 1_000_000
)
FEED_MAX_BYTES = env.read_number("FEED_MAX_MB", 25, low=1, high=500) * 2**20
FEED_MAX_ROWS = env.read_number("FEED_MAX_ROWS", 10_000, low=1, high=100_000)
FEED_MAX_COLUMNS = env.read_number("FEED_MAX_COLUMNS", 200, low=1, high=1000)
FEED_MAX_CELLS = env.read_number("FEED_MAX_CELLS", 500_000, low=1, high=10_000_000)
BATCH_MAX_CREATIVES = env.read_number(
    "BATCH_MAX_CREATIVES", 20_000, low=1, high=200_000
)
# One request may bring several files; more is refused before it is read.
MAX_REQUEST_BYTES = 4 * MAX_UPLOAD_BYTES
DATA_UPLOAD_MAX_MEMORY_SIZE = 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20
FILE_UPLOAD_TEMP_DIR = None
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Jobs ---------------------------------------------------------------------------

CELERY_BROKER_URL = env.read_text("CELERY_BROKER_URL", "filesystem://")
CELERY_BROKER_TRANSPORT_OPTIONS = transport_options(
    CELERY_BROKER_URL, folder=DATA_DIR / "broker"
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_IMPORTS = ["brandgen.jobs.tasks"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUE_TYPE = "quorum"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 60
CELERY_WORKER_ENABLE_REMOTE_CONTROL = not CELERY_BROKER_URL.startswith("filesystem")
JOB_QUEUES = ("prior", "decoder", "render", "export", "default")
JOB_LEASE_S = env.read_number("JOB_LEASE_S", 60, low=2, high=3600)
JOB_SWEEP_S = env.read_number("JOB_SWEEP_S", 2, low=1, high=600)
JOB_MAX_ATTEMPTS = env.read_number("JOB_MAX_ATTEMPTS", 3, low=1, high=20)
JOB_MAX_WAITING_PER_BRAND = env.read_number(
    "JOB_MAX_WAITING_PER_BRAND", 500, low=1, high=1_000_000
)

# --- Engine -------------------------------------------------------------------------

ENGINE = env.read_text("ENGINE", "brandgen.engine.cascade.engine.CascadeEngine")
ENGINE_BUNDLE = Path(
    env.read_text(
        "ENGINE_BUNDLE", str(ROOT / "brandgen" / "engine" / "miniature" / "weights")
    )
)
ENGINE_DEVICE = env.read_text("ENGINE_DEVICE", "cpu")
ENGINE_DTYPE = env.read_text(
    "ENGINE_DTYPE", "auto", choices=["auto", "float32", "bfloat16", "float16"]
)
ENGINE_DECODER_DTYPE = env.read_text(
    "ENGINE_DECODER_DTYPE",
    "",
    choices=["auto", "float32", "bfloat16", "float16"],
)
ENGINE_MEMORY = env.read_text("ENGINE_MEMORY", "resident", choices=MEMORY_MODES)
ENGINE_PRIOR = env.read_text("ENGINE_PRIOR", "", choices=SIZES)
ENGINE_DECODER = env.read_text("ENGINE_DECODER", "", choices=SIZES)
ENGINE_LEAN = env.read_flag("ENGINE_LEAN", True)
ENGINE_COMPILE = env.read_text("ENGINE_COMPILE", "off", choices=COMPILE_MODES)
ENGINE_BATCH = env.read_number("ENGINE_BATCH", 1, low=1, high=64)
ENGINE_THREADS = env.read_number_or("ENGINE_THREADS", 1, word="auto", low=1, high=256)
MODELS_FILE = env.read_text("MODELS_FILE", "")
MODELS_DIR = Path(env.read_text("MODELS_DIR", str(DATA_DIR / "models"))).resolve()
MODELS_HUB_URL = env.read_text("MODELS_HUB_URL", "https://huggingface.co").rstrip("/")
MODELS_HUB_TOKEN = env.read_text("MODELS_HUB_TOKEN", "")
SAFETY_PROMPT_FILTER = env.read_text("SAFETY_PROMPT_FILTER", "")
SAFETY_IMAGE_FILTER = env.read_text("SAFETY_IMAGE_FILTER", "")
# Where the page of models looks for LoRA adapters to add. Empty for nowhere.
ENGINE_ADAPTERS_DIR = env.read_text("ENGINE_ADAPTERS_DIR", "")

# --- People -------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": (
            "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"
        )
    },
]
ACCOUNT_ADAPTER = "brandgen.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
# People are invited, so nobody can sign up with an address of somebody else.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "brandgen"
# Of X-Forwarded-For, the entry that the first of our own proxies wrote is the client.
ALLAUTH_TRUSTED_PROXY_COUNT = env.read_number("TRUSTED_PROXIES", 0, low=0, high=10)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
EMAIL_BACKEND = env.read_text(
    "EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend"
)
DEFAULT_FROM_EMAIL = env.read_text("DEFAULT_FROM_EMAIL", "brandgen@localhost")

# --- Sessions and headers -----------------------------------------------------------

IS_HTTPS = PUBLIC_URL.startswith("https://")
if not DEBUG and not IS_HTTPS:
    raise env.SettingError(
        f"PUBLIC_URL is {PUBLIC_URL!r}. In production serve over https, behind a proxy "
        "that sets X-Forwarded-Proto."
    )
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "brandgen.config.pages.csrf_failure"
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- Words and files ----------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = env.read_text("TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
STATIC_URL = "static/"
STATIC_ROOT = Path(env.read_text("STATIC_ROOT", str(DATA_DIR / "static")))
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

LOG_LEVEL = env.read_text(
    "LOG_LEVEL", "INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"]
)
LOG_FORMAT = env.read_text("LOG_FORMAT", "text", choices=["text", "json"])
LOGGING = logging_config(level=LOG_LEVEL, style=LOG_FORMAT)
LOGGING_CONFIG = "logging.config.dictConfig"
