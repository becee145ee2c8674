#!/usr/bin/env bash
# A PostgreSQL server with pgvector on this machine, for trying galleries in a database and for the tests.
#   Scripts/postgres.sh start     makes and starts one, and prints its address (it is running already: the same address)
#   Scripts/postgres.sh stop      stops it
#   Scripts/postgres.sh remove    stops it and throws its data away
# Debian's postgresql-NN-pgvector is taken where it is installed, else PyPI's pgserver, which carries both. It listens on
# 127.0.0.1 alone. TWINBOOK_POSTGRES_FOLDER says where it keeps its data (/var/tmp/twinbook-postgres).
set -euo pipefail
folder=${TWINBOOK_POSTGRES_FOLDER:-/var/tmp/twinbook-postgres}
port=${TWINBOOK_POSTGRES_PORT:-54329}
say() { echo "postgres: $*" >&2; }

# Where the programs are: of a version that has pgvector.
programs() {
  local found
  for found in /usr/lib/postgresql/*/bin; do
    if [ -x "$found/postgres" ] && [ -e "/usr/share/postgresql/$(basename "$(dirname "$found")")/extension/vector.control" ]; then
      echo "$found"
      return
    fi
  done
  if [ ! -x "$folder/venv/bin/python" ]; then
    python3 -m venv "$folder/venv" >&2
    "$folder/venv/bin/pip" -q install pgserver >&2 || return 1
  fi
  found=$(echo "$folder"/venv/lib/python3*/site-packages/pgserver/pginstall/bin)
  [ -x "$found/postgres" ] && echo "$found"
}

# PostgreSQL refuses to run as root: then it runs as "nobody".
as_server() {
  if [ "$(id -u)" -eq 0 ]; then setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$folder" "$@"; else "$@"; fi
}

start() {
  mkdir -p "$folder"
  chmod 755 "$folder"
  local bin
  bin=$(programs) || { say "no pgvector here: apt-get install postgresql-NN-pgvector, or let pip reach PyPI"; exit 1; }
  if [ ! -e "$folder/data/PG_VERSION" ]; then
    mkdir -p "$folder/data"
    [ "$(id -u)" -eq 0 ] && chown nobody:nogroup "$folder/data"
    as_server "$bin/initdb" -D "$folder/data" -U twin --auth=trust -E UTF8 --no-locale >"$folder/initdb.log" 2>&1 ||
      { say "initdb failed: $folder/initdb.log"; exit 1; }
    printf '%s\n' "listen_addresses = '127.0.0.1'" "port = $port" "unix_socket_directories = ''" \
      "shared_buffers = 1GB" "maintenance_work_mem = 1GB" "max_wal_size = 4GB" >>"$folder/data/postgresql.conf"
  fi
  local address="postgresql://twin@127.0.0.1:$port"
  # A server that was killed leaves a file that names its process, which pg_ctl believes while that number is in use: whether
  # it answers is what counts.
  answers() { "$bin/psql" -q "$address/postgres" -c "SELECT 1" >/dev/null 2>&1; }
  local try
  for try in 1 2 3 4 5; do
    answers && break
    touch "$folder/server.log"
    [ "$(id -u)" -eq 0 ] && chown nobody:nogroup "$folder/server.log"
    as_server "$bin/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w -t 60 start >/dev/null 2>&1 || sleep "$try"
  done
  answers || { say "it does not start: $folder/server.log"; exit 1; }
  "$bin/psql" -q "$address/postgres" -c "CREATE DATABASE faces" >/dev/null 2>&1 || true
  "$bin/psql" -q "$address/faces" -c "CREATE EXTENSION IF NOT EXISTS vector" >/dev/null 2>&1 || { say "no pgvector in it"; exit 1; }
  echo "$address/faces"
}

stop() {
  local bin
  [ -e "$folder/data/PG_VERSION" ] || return 0
  bin=$(programs)
  as_server "$bin/pg_ctl" -D "$folder/data" -m fast stop >/dev/null 2>&1 || true
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  remove) stop; rm -rf "$folder/data" ;;
  *) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
