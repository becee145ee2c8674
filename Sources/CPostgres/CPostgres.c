#define _GNU_SOURCE
#include "CPostgres.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

// The stable interface of libpq 5 (libpq-fe.h), as far as it is used.
typedef void Connection;
typedef void Result;

static struct {
  void *library;
  Connection *(*connect)(const char *);
  void (*finish)(Connection *);
  int (*status)(Connection *);
  void (*reset)(Connection *);
  char *(*words)(Connection *);
  int (*version)(Connection *);
  Result *(*run)(Connection *, const char *);
  Result *(*prepare)(Connection *, const char *, const char *, int, const unsigned *);
  Result *(*ask)(
    Connection *, const char *, int, const char *const *, const int *, const int *, int);
  int (*resultStatus)(const Result *);
  char *(*resultWords)(const Result *);
  char *(*resultField)(const Result *, int);
  void (*clear)(Result *);
  int (*rows)(const Result *);
  char *(*value)(const Result *, int, int);
  int (*length)(const Result *, int, int);
  int (*isNull)(const Result *, int, int);
  char *(*changed)(Result *);
  int (*put)(Connection *, const char *, int);
  int (*end)(Connection *, const char *);
  Result *(*next)(Connection *);
  void *(*setNotices)(Connection *, void (*)(void *, const char *), void *);
} pq;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *failure;

static void openLibrary(void) {
  static const char *const names[] = {"libpq.so.5", "libpq.so", "libpq.5.dylib"};
  for (size_t i = 0; i < sizeof names / sizeof *names && !pq.library; i++) {
    pq.library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  }
  if (!pq.library) {
    failure = "libpq.so.5 is not installed";
    return;
  }
  struct {
    const char *name;
    void *place;
  } functions[] = {
    {"PQconnectdb", &pq.connect},       {"PQfinish", &pq.finish},
    {"PQstatus", &pq.status},           {"PQreset", &pq.reset},
    {"PQerrorMessage", &pq.words},      {"PQserverVersion", &pq.version},
    {"PQexec", &pq.run},                {"PQprepare", &pq.prepare},
    {"PQexecPrepared", &pq.ask},        {"PQresultStatus", &pq.resultStatus},
    {"PQresultErrorMessage", &pq.resultWords}, {"PQresultErrorField", &pq.resultField},
    {"PQclear", &pq.clear},             {"PQntuples", &pq.rows},
    {"PQgetvalue", &pq.value},          {"PQgetlength", &pq.length},
    {"PQgetisnull", &pq.isNull},        {"PQcmdTuples", &pq.changed},
    {"PQputCopyData", &pq.put},         {"PQputCopyEnd", &pq.end},
    {"PQgetResult", &pq.next},          {"PQsetNoticeProcessor", &pq.setNotices},
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    void *function = dlsym(pq.library, functions[i].name);
    if (!function) {
      failure = "this libpq is too old";
      return;
    }
    *(void **)functions[i].place = function;
  }
}

const char *twin_postgres_open_library(void) {
  pthread_once(&once, openLibrary);
  return failure;
}

// What the server remarks is not for a person who looks at a notebook.
static void ignore(void *context, const char *words) {
  (void)context;
  (void)words;
}

TwinPostgres *twin_postgres_connect(const char *address) {
  Connection *connection = pq.connect(address);
  if (connection) pq.setNotices(connection, ignore, NULL);
  return (TwinPostgres *)connection;
}

void twin_postgres_close(TwinPostgres *connection) { pq.finish(connection); }
int twin_postgres_is_connected(TwinPostgres *connection) { return pq.status(connection) == 0; }
void twin_postgres_reconnect(TwinPostgres *connection) { pq.reset(connection); }
const char *twin_postgres_words(TwinPostgres *connection) { return pq.words(connection); }
int twin_postgres_version(TwinPostgres *connection) { return pq.version(connection); }

TwinPostgresResult *twin_postgres_run(TwinPostgres *connection, const char *sql) {
  return (TwinPostgresResult *)pq.run(connection, sql);
}

TwinPostgresResult *twin_postgres_prepare(TwinPostgres *connection, const char *name, const char *sql) {
  return (TwinPostgresResult *)pq.prepare(connection, name, sql, 0, NULL);
}

TwinPostgresResult *twin_postgres_ask(
  TwinPostgres *connection, const char *name, int count, const char *const *values, const int *lengths,
  const int *formats) {
  return (TwinPostgresResult *)pq.ask(connection, name, count, values, lengths, formats, 1);
}

int twin_postgres_status(TwinPostgresResult *result) { return result ? pq.resultStatus(result) : TwinPostgresFailed; }
const char *twin_postgres_result_words(TwinPostgresResult *result) { return result ? pq.resultWords(result) : ""; }
const char *twin_postgres_state(TwinPostgresResult *result) {
  const char *state = result ? pq.resultField(result, 'C') : NULL;
  return state ? state : "";
}
void twin_postgres_clear(TwinPostgresResult *result) {
  if (result) pq.clear(result);
}
int twin_postgres_rows(TwinPostgresResult *result) { return pq.rows(result); }

const void *twin_postgres_value(TwinPostgresResult *result, int row, int column, int *length) {
  *length = pq.length(result, row, column);
  return pq.isNull(result, row, column) ? NULL : pq.value(result, row, column);
}

long long twin_postgres_changed(TwinPostgresResult *result) { return atoll(pq.changed(result)); }

int twin_postgres_put(TwinPostgres *connection, const void *bytes, int count) {
  return pq.put(connection, bytes, count) == 1;
}

TwinPostgresResult *twin_postgres_end(TwinPostgres *connection, const char *words) {
  if (pq.end(connection, words) != 1) return NULL;
  Result *result = pq.next(connection), *more;
  while ((more = pq.next(connection))) {
    // The last tells how it went.
    pq.clear(result);
    result = more;
  }
  return (TwinPostgresResult *)result;
}
