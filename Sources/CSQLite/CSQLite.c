#define _GNU_SOURCE
#include "CSQLite.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// The stable interface of SQLite 3 (sqlite3.h), as far as it is used.
typedef void Database;
typedef void Statement;
typedef void (*Destructor)(void *);

static struct {
  void *library;
  int (*openV2)(const char *, Database **, int, const char *);
  int (*closeV2)(Database *);
  const char *(*words)(Database *);
  int (*error)(Database *);
  int (*busy)(Database *, int (*)(void *, int), void *);
  int (*run)(Database *, const char *, void *, void *, char **);
  int64_t (*lastRow)(Database *);
  int (*changes)(Database *);
  int (*prepare)(Database *, const char *, int, Statement **, const char **);
  int (*finish)(Statement *);
  int (*step)(Statement *);
  int (*reset)(Statement *);
  int (*bindNumber)(Statement *, int, int64_t);
  int (*bindReal)(Statement *, int, double);
  int (*bindNull)(Statement *, int);
  int (*bindBytes)(Statement *, int, const void *, uint64_t, Destructor);
  int (*bindText)(Statement *, int, const char *, int, Destructor);
  int64_t (*number)(Statement *, int);
  double (*real)(Statement *, int);
  const void *(*bytes)(Statement *, int);
  const unsigned char *(*text)(Statement *, int);
  int (*size)(Statement *, int);
  int (*type)(Statement *, int);
  const char *(*version)(void);
  int (*versionNumber)(void);
} sqlite;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *failure;

static void openLibrary(void) {
  static const char *const names[] = {"libsqlite3.so.0", "libsqlite3.so", "libsqlite3.dylib"};
  for (size_t i = 0; i < sizeof names / sizeof *names && !sqlite.library; i++) {
    sqlite.library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  }
  if (!sqlite.library) {
    failure = "libsqlite3.so.0 is not installed";
    return;
  }
  struct {
    const char *name;
    void *place;
  } functions[] = {
    {"sqlite3_open_v2", &sqlite.openV2},          {"sqlite3_close_v2", &sqlite.closeV2},
    {"sqlite3_errmsg", &sqlite.words},            {"sqlite3_extended_errcode", &sqlite.error},
    {"sqlite3_busy_handler", &sqlite.busy},       {"sqlite3_exec", &sqlite.run},
    {"sqlite3_last_insert_rowid", &sqlite.lastRow}, {"sqlite3_changes", &sqlite.changes},
    {"sqlite3_prepare_v2", &sqlite.prepare},      {"sqlite3_finalize", &sqlite.finish},
    {"sqlite3_step", &sqlite.step},               {"sqlite3_reset", &sqlite.reset},
    {"sqlite3_bind_int64", &sqlite.bindNumber},   {"sqlite3_bind_double", &sqlite.bindReal},
    {"sqlite3_bind_null", &sqlite.bindNull},      {"sqlite3_bind_blob64", &sqlite.bindBytes},
    {"sqlite3_bind_text", &sqlite.bindText},      {"sqlite3_column_int64", &sqlite.number},
    {"sqlite3_column_double", &sqlite.real},      {"sqlite3_column_blob", &sqlite.bytes},
    {"sqlite3_column_text", &sqlite.text},        {"sqlite3_column_bytes", &sqlite.size},
    {"sqlite3_column_type", &sqlite.type},        {"sqlite3_libversion", &sqlite.version},
    {"sqlite3_libversion_number", &sqlite.versionNumber},
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    void *function = dlsym(sqlite.library, functions[i].name);
    if (!function) {
      failure = "this libsqlite3 is too old";
      return;
    }
    *(void **)functions[i].place = function;
  }
  // Tables WITHOUT ROWID, partial indexes, UPSERT.
  if (sqlite.versionNumber() < 3024000) failure = "this libsqlite3 is older than version 3.24";
}

const char *twin_sqlite_open_library(void) {
  pthread_once(&once, openLibrary);
  return failure;
}

const char *twin_sqlite_version(void) { return sqlite.version(); }

int twin_sqlite_journal_names_another(const char *path) {
  // As SQLite marks a journal's beginning, and the end of one that names another file.
  static const unsigned char mark[8] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return 0;
  struct stat status;
  unsigned char end[8];
  int names = fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 16
    && pread(file, end, sizeof end, status.st_size - 8) == 8 && memcmp(end, mark, 8) == 0;
  close(file);
  return names;
}

// Each connection is used by one thread at a time: SQLite's own mutexes stay on (its default), which costs little.
int twin_sqlite_open(const char *path, int flags, TwinSQLite **database) {
  return sqlite.openV2(path, (Database **)database, flags, NULL);
}

void twin_sqlite_close(TwinSQLite *database) { sqlite.closeV2((Database *)database); }
const char *twin_sqlite_words(TwinSQLite *database) { return sqlite.words((Database *)database); }
int twin_sqlite_error(TwinSQLite *database) { return sqlite.error((Database *)database); }
void twin_sqlite_ask_when_busy(TwinSQLite *database, int (*ask)(void *, int), void *context) {
  sqlite.busy((Database *)database, ask, context);
}
int twin_sqlite_run(TwinSQLite *database, const char *sql) {
  return sqlite.run((Database *)database, sql, NULL, NULL, NULL);
}
int64_t twin_sqlite_changes(TwinSQLite *database) { return sqlite.changes((Database *)database); }
int64_t twin_sqlite_last_row(TwinSQLite *database) { return sqlite.lastRow((Database *)database); }

int twin_sqlite_prepare(TwinSQLite *database, const char *sql, TwinStatement **statement) {
  return sqlite.prepare((Database *)database, sql, -1, (Statement **)statement, NULL);
}

void twin_sqlite_finish(TwinStatement *statement) { sqlite.finish((Statement *)statement); }
int twin_sqlite_step(TwinStatement *statement) { return sqlite.step((Statement *)statement); }
void twin_sqlite_reset(TwinStatement *statement) { sqlite.reset((Statement *)statement); }

void twin_sqlite_bind_number(TwinStatement *statement, int place, int64_t value) {
  sqlite.bindNumber((Statement *)statement, place, value);
}
void twin_sqlite_bind_real(TwinStatement *statement, int place, double value) {
  sqlite.bindReal((Statement *)statement, place, value);
}
void twin_sqlite_bind_null(TwinStatement *statement, int place) { sqlite.bindNull((Statement *)statement, place); }
void twin_sqlite_bind_bytes(TwinStatement *statement, int place, const void *bytes, int64_t count) {
  sqlite.bindBytes((Statement *)statement, place, bytes ? bytes : "", (uint64_t)count, NULL);
}
void twin_sqlite_bind_text(TwinStatement *statement, int place, const char *text, int count) {
  sqlite.bindText((Statement *)statement, place, text, count, (Destructor)(intptr_t)-1);
}

int64_t twin_sqlite_number(TwinStatement *statement, int column) {
  return sqlite.number((Statement *)statement, column);
}
double twin_sqlite_real(TwinStatement *statement, int column) { return sqlite.real((Statement *)statement, column); }
const void *twin_sqlite_bytes(TwinStatement *statement, int column, int *count) {
  const void *bytes = sqlite.bytes((Statement *)statement, column);
  *count = sqlite.size((Statement *)statement, column);
  return bytes;
}
const unsigned char *twin_sqlite_text(TwinStatement *statement, int column, int *count) {
  const unsigned char *text = sqlite.text((Statement *)statement, column);
  *count = sqlite.size((Statement *)statement, column);
  return text;
}
int twin_sqlite_is_null(TwinStatement *statement, int column) {
  return sqlite.type((Statement *)statement, column) == 5;
}
