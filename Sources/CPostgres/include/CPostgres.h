#pragma once
#include <stdint.h>

/// PostgreSQL's client library, opened when a gallery in a database is asked for, not linked: nobody else needs it.

/// Opens the library; NULL where all is well, else why not. Nothing else may be called before.
const char *_Nullable twin_postgres_open_library(void);

typedef struct TwinPostgres TwinPostgres;
typedef struct TwinPostgresResult TwinPostgresResult;

/// What a result is.
enum {
  TwinPostgresDone = 1, TwinPostgresRows = 2, TwinPostgresCopyIn = 4, TwinPostgresFailed = 7
};

/// As libpq understands it: an address, or keywords; names, passwords and certificates come from where libpq takes them
/// (PGPASSFILE, PGSSLMODE, …). NULL: no memory.
TwinPostgres *_Nullable twin_postgres_connect(const char *_Nonnull address);
void twin_postgres_close(TwinPostgres *_Nonnull connection);
int twin_postgres_is_connected(TwinPostgres *_Nonnull connection);
void twin_postgres_reconnect(TwinPostgres *_Nonnull connection);
const char *_Nonnull twin_postgres_words(TwinPostgres *_Nonnull connection);
int twin_postgres_version(TwinPostgres *_Nonnull connection);

TwinPostgresResult *_Nullable twin_postgres_run(TwinPostgres *_Nonnull connection, const char *_Nonnull sql);
TwinPostgresResult *_Nullable twin_postgres_prepare(
  TwinPostgres *_Nonnull connection, const char *_Nonnull name, const char *_Nonnull sql);
/// Values of parameters with their lengths; formats 0 for text (which ends with a zero), 1 for binary; NULL for nothing.
/// Results come in binary.
TwinPostgresResult *_Nullable twin_postgres_ask(
  TwinPostgres *_Nonnull connection, const char *_Nonnull name, int count,
  const char *_Nullable const *_Nonnull values, const int *_Nonnull lengths, const int *_Nonnull formats);

int twin_postgres_status(TwinPostgresResult *_Nullable result);
const char *_Nonnull twin_postgres_result_words(TwinPostgresResult *_Nullable result);
/// Five characters; empty where there are none.
const char *_Nonnull twin_postgres_state(TwinPostgresResult *_Nullable result);
void twin_postgres_clear(TwinPostgresResult *_Nullable result);
int twin_postgres_rows(TwinPostgresResult *_Nonnull result);
/// NULL where there is no value.
const void *_Nullable twin_postgres_value(
  TwinPostgresResult *_Nonnull result, int row, int column, int *_Nonnull length);
long long twin_postgres_changed(TwinPostgresResult *_Nonnull result);

/// 1 where all is well.
int twin_postgres_put(TwinPostgres *_Nonnull connection, const void *_Nonnull bytes, int count);
/// Ends a copy; with words it is thrown away.
TwinPostgresResult *_Nullable twin_postgres_end(TwinPostgres *_Nonnull connection, const char *_Nullable words);
