#pragma once
#include <stdint.h>

/// SQLite's library, opened when a gallery's file is first opened or written, not linked: whoever has no such file starts as
/// fast without it, and needs it not.

/// Opens the library; NULL where all is well, else why not. Nothing else may be called before.
const char *_Nullable twin_sqlite_open_library(void);
/// "3.40.1".
const char *_Nonnull twin_sqlite_version(void);

typedef struct TwinSQLite TwinSQLite;
typedef struct TwinStatement TwinStatement;

enum { TwinSQLiteRow = 100, TwinSQLiteDone = 101 };
enum { TwinSQLiteReadOnly = 1, TwinSQLiteReadWrite = 2, TwinSQLiteCreate = 4 };

/// Whether the journal at `path`, which SQLite would play back, names another file that belongs to it: 1 or 0, also where
/// there is none. SQLite deletes that other file, wherever it is, once it finds no journal in it.
int twin_sqlite_journal_names_another(const char *_Nonnull path);

/// 0, or the error's number. The database is there in either case, for its words, and has to be closed.
int twin_sqlite_open(const char *_Nonnull path, int flags, TwinSQLite *_Nullable *_Nonnull database);
void twin_sqlite_close(TwinSQLite *_Nonnull database);
const char *_Nonnull twin_sqlite_words(TwinSQLite *_Nonnull database);
/// The extended number of the last error.
int twin_sqlite_error(TwinSQLite *_Nonnull database);
/// `ask` is called where another has the lock, with how often it was called for this lock; 0 gives up.
void twin_sqlite_ask_when_busy(
  TwinSQLite *_Nonnull database, int (*_Nonnull ask)(void *_Nullable context, int count), void *_Nullable context);
int twin_sqlite_run(TwinSQLite *_Nonnull database, const char *_Nonnull sql);
int64_t twin_sqlite_changes(TwinSQLite *_Nonnull database);
int64_t twin_sqlite_last_row(TwinSQLite *_Nonnull database);

int twin_sqlite_prepare(
  TwinSQLite *_Nonnull database, const char *_Nonnull sql, TwinStatement *_Nullable *_Nonnull statement);
void twin_sqlite_finish(TwinStatement *_Nonnull statement);
/// `TwinSQLiteRow`, `TwinSQLiteDone` or an error's number.
int twin_sqlite_step(TwinStatement *_Nonnull statement);
void twin_sqlite_reset(TwinStatement *_Nonnull statement);

void twin_sqlite_bind_number(TwinStatement *_Nonnull statement, int place, int64_t value);
void twin_sqlite_bind_real(TwinStatement *_Nonnull statement, int place, double value);
void twin_sqlite_bind_null(TwinStatement *_Nonnull statement, int place);
/// The bytes have to stay until the statement is reset.
void twin_sqlite_bind_bytes(TwinStatement *_Nonnull statement, int place, const void *_Nullable bytes, int64_t count);
/// UTF-8, copied.
void twin_sqlite_bind_text(TwinStatement *_Nonnull statement, int place, const char *_Nonnull text, int count);

int64_t twin_sqlite_number(TwinStatement *_Nonnull statement, int column);
double twin_sqlite_real(TwinStatement *_Nonnull statement, int column);
/// Valid until the next step.
const void *_Nullable twin_sqlite_bytes(TwinStatement *_Nonnull statement, int column, int *_Nonnull count);
const unsigned char *_Nullable twin_sqlite_text(TwinStatement *_Nonnull statement, int column, int *_Nonnull count);
int twin_sqlite_is_null(TwinStatement *_Nonnull statement, int column);
