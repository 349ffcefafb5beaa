#!/usr/bin/env bash
# Run by PostgreSQL's image when it creates the database: the role that the producer streams with. It may replicate,
# and log in to do so, and nothing else.
set -euo pipefail

psql --set ON_ERROR_STOP=1 --set "password=$REPLICATION_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
create role walstrata with replication login password :'password';
SQL
