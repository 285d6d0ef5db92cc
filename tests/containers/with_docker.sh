#!/bin/sh
# Runs a command with a Docker daemon at hand: the one that answers already, or one of its own that is gone afterwards.
# What is missing is installed, on Debian and its kin, as root or by sudo without a password. Where no daemon can be had,
# the command runs all the same: tests that need one are skipped, and say so.
# usage: tests/containers/with_docker.sh COMMAND [ARGUMENT ...]
set -eu

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

if docker info >/dev/null 2>&1; then
    exec "$@"
fi

if ! command -v dockerd >/dev/null || ! command -v debootstrap >/dev/null || ! command -v docker-compose >/dev/null; then
    as_root apt-get update -qq && as_root apt-get install -qq -y --no-install-recommends \
        docker.io docker-compose debootstrap iptables || {
        echo "Docker can't be installed here: going on without it." >&2
        exec "$@"
    }
fi

place=$(mktemp -d -p /var/tmp)
as_root dockerd --data-root "$place/data" --exec-root "$place/run" --pidfile "$place/pid" \
    --host "unix://$place/docker.sock" --group "$(id -gn)" >"$place/log" 2>&1 &
daemon=$!
DOCKER_HOST=unix://$place/docker.sock
export DOCKER_HOST

end() {
    as_root kill "$(cat "$place/pid")" 2>/dev/null || true
    wait "$daemon" || true
    as_root rm -rf "$place"
}
trap end EXIT
trap 'exit 130' INT TERM

until docker info >/dev/null 2>&1; do
    if ! kill -0 "$daemon" 2>/dev/null; then
        tail -n 20 "$place/log" >&2
        echo "The Docker daemon does not start here, and its last words are above: going on without it." >&2
        break
    fi
    sleep 0.2
done
"$@"
