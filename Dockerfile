FROM python:3.14-slim AS libraries
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt

FROM python:3.14-slim
# Pango draws the PDF invoices; the fonts are the shop's own.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/data STATIC_ROOT=/app/staticfiles
WORKDIR /app
COPY --from=libraries /opt/venv /opt/venv
COPY . .
RUN for po in locale/*/LC_MESSAGES/django.po; do \
        pybabel compile --input-file="$po" --output-file="${po%.po}.mo" --locale="$(basename "${po%/LC_MESSAGES/django.po}")" || exit 1; \
    done \
    && python manage.py collectstatic --noinput \
    && useradd --uid 10001 --no-create-home shop \
    && mkdir -p /data && chown shop /data
USER shop
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["gunicorn", "--config", "config/gunicorn.py", "config.wsgi"]
