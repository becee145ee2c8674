#pragma once
#include <stdbool.h>
#include <stddef.h>

/// A line editor over libedit's wide interface, with UTF-8 at its border.
///
/// libedit's el_set, el_get and history_w are variadic, which Swift cannot call; and its buffer may hold newlines, which
/// it draws as lines: a whole cell is edited at once.
typedef struct TwinEdit TwinEdit;

/// Keys whose meaning the notebook gives.
enum TwinKey {
  TwinKeyEnter = 0,
  TwinKeyTab = 1,
  TwinKeyUp = 2,
  TwinKeyDown = 3,
  TwinKeyHome = 4,
  TwinKeyEnd = 5,
  TwinKeyPaste = 6,
  TwinKeyBackspace = 7,
  TwinKeyEndOfFile = 8,
  TwinKeyForceNewline = 9,
  TwinKeyPreviousCell = 10,
  TwinKeyNextCell = 11,
  TwinKeyRedraw = 12,
  TwinKeyLeft = 13,
  TwinKeyRight = 14,
  TwinKeyCloseBrace = 15,
  TwinKeyCloseBracket = 16,
  TwinKeyCloseParenthesis = 17,
};

/// What a handler asks for when it returns.
enum TwinAnswer {
  TwinAnswerAccept = 0,
  TwinAnswerRefresh = 1,
  TwinAnswerRedisplay = 2,
  TwinAnswerEndOfFile = 3,
  TwinAnswerBeep = 4,
  TwinAnswerNothing = 5,
};

typedef int (*TwinKeyHandler)(void *context, int key);

enum TwinReadStatus {
  TwinReadLine = 0,
  TwinReadEnd = 1,
  /// A signal came (its number waits in the pipe).
  TwinReadInterrupted = 2,
  /// The terminal was closed.
  TwinReadHangUp = 3,
};

/// - Parameter wakeDescriptor: reading from the terminal ends as soon as this can be read (the signals' pipe).
TwinEdit *twin_edit_new(const char *program, int wakeDescriptor, TwinKeyHandler handler, void *context);
void twin_edit_free(TwinEdit *edit);

/// Reads one cell. The text is UTF-8 that the caller frees; NULL unless the status is TwinReadLine.
/// In the prompt, byte 1 starts and stops an escape that takes no columns.
char *twin_edit_read(TwinEdit *edit, const char *prompt, int *status);

/// Text put into the next line that is read, as if typed.
void twin_edit_prefill(TwinEdit *edit, const char *text);

/// The buffer as UTF-8 (the caller frees it); `cursor` is in bytes.
char *twin_edit_text(TwinEdit *edit, size_t *cursor);
/// Puts `text` in place of the whole buffer, the cursor `cursor` bytes into it.
void twin_edit_replace(TwinEdit *edit, const char *text, size_t cursor);
void twin_edit_insert(TwinEdit *edit, const char *text);
/// Removes this many characters before the cursor.
void twin_edit_delete_before(TwinEdit *edit, int characters);
/// Moves by characters.
void twin_edit_move(TwinEdit *edit, int characters);
/// After TwinKeyPaste: what stands between the brackets. The caller frees it.
char *twin_edit_read_paste(TwinEdit *edit);

/// For ^R, which libedit does itself.
void twin_edit_add_history(TwinEdit *edit, const char *text);
void twin_edit_resize(TwinEdit *edit);
/// Leaves the line as it stands and puts the terminal back, so that text can be printed below.
void twin_edit_finish_line(TwinEdit *edit);
/// Whether the terminal can be edited on at all (not "dumb").
bool twin_edit_can_edit(TwinEdit *edit);

/// setlocale(LC_CTYPE, "") and a UTF-8 locale where the environment names none.
void twin_set_locale(void);

/// Installs a handler without SA_RESTART that writes the signal's number as one byte to the pipe.
int twin_signal_pipe(void);
void twin_watch_signal(int number);
/// Puts a signal that was read from the pipe back into it.
void twin_signal_again(int number);
void twin_ignore_signal(int number);
void twin_default_signal(int number);

/// Columns and rows of the window; false if `descriptor` is no terminal.
bool twin_window_size(int descriptor, int *columns, int *rows);
/// Sends `query` to the terminal and gathers its answer until `last` comes or the time is over. Returns its length.
int twin_terminal_query(const char *query, char last, char *answer, int capacity, int milliseconds);
/// Reads one key without Enter; 0 at the end of file or after the time.
int twin_read_key(int milliseconds);

enum TwinKeysResult {
  TwinKeysByte = 0,
  /// The time is over.
  TwinKeysNone = 1,
  /// A signal's number waits in the pipe.
  TwinKeysSignal = 2,
  /// The terminal was closed.
  TwinKeysHungUp = 3,
};

/// From here on keys come one by one, without Enter and unseen; what was typed before is forgotten. False where standard
/// input is no terminal.
bool twin_keys_begin(void);
/// Puts the terminal back.
void twin_keys_end(void);
/// The next byte of a key. Less than 0 milliseconds: waits as long as it takes.
int twin_keys_next(int wakeDescriptor, int milliseconds, unsigned char *byte);

/// Whether keys are shown as they are typed. Off while a cell runs, so that what is typed ahead does not mix with what
/// the cell prints; it shows at the next prompt. Does nothing where standard input is no terminal.
void twin_echo(bool isOn);

/// Runs `sh -c command sh argument` in the foreground of this terminal, with the standard signals, and waits for it.
/// Returns its exit code, 128 + the signal that ended it, or -1 if it cannot be started.
int twin_run_program(const char *command, const char *argument);

/// Columns that a text takes in a terminal.
int twin_text_columns(const char *text);

/// Runs `body(context)` on a thread with a stack of this many bytes. Returns 0, or an errno.
int twin_run_thread(size_t stackBytes, void (*body)(void *), void *context);
