#pragma once
#include <stdbool.h>
#include <stddef.h>

/// A line editor over libedit's wide interface, with UTF-8 at its border.
///
/// libedit's el_set and el_get are variadic, which Swift cannot call. Its buffer may hold newlines: a whole cell is edited
/// at once. What libedit draws goes nowhere, because it cannot show a cell that is taller than the window; the owner is
/// asked to draw.
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
  TwinKeySearch = 18,
  // No keys: what the screen needs.
  /// Nothing more waits to be read: the cell is to be shown as it is.
  TwinScreenDraw = 32,
  /// The window has another size.
  TwinScreenResize = 33,
  /// The cell is done, or given up: what follows stands below it.
  TwinScreenLeave = 34,
  /// The process goes on after it was stopped.
  TwinScreenReturn = 35,
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

/// The next character, as keys are read; -1 where there is none: a signal came, or the terminal was closed.
int twin_edit_next(TwinEdit *edit);
/// Gives a character back, to be read as a key.
void twin_edit_push(TwinEdit *edit, int character);
/// Whether the terminal can be edited on at all (not "dumb").
bool twin_edit_can_edit(TwinEdit *edit);

/// setlocale(LC_CTYPE, "") and a UTF-8 locale where the environment names none.
void twin_set_locale(void);

/// Columns and rows of the window; false if `descriptor` is no terminal.
bool twin_window_size(int descriptor, int *columns, int *rows);

// Whatever was typed and is not what was asked for waits here, and is read first by all that reads.

/// Adds bytes behind those that wait.
void twin_input_hold(const unsigned char *bytes, size_t count);
bool twin_input_waits(void);
/// The first byte that waits; false where none does.
bool twin_input_take(unsigned char *byte);
/// What was typed so far waits, rather than answer a question that was not yet asked.
void twin_input_drain(void);

/// Asks the terminal what it can do (DA1) and gives its answer, ESC [ ? 62;4 c. Returns its length; 0: it did not answer in
/// time. Whatever else was typed waits.
int twin_terminal_attributes(char *answer, int capacity, int milliseconds);
/// The bytes of one key, without Enter. Returns how many; 0 at the end of file, after the time, or when the signals' pipe
/// can be read.
int twin_read_key(int wakeDescriptor, int milliseconds, unsigned char *bytes, int capacity);

enum TwinKeysResult {
  TwinKeysByte = 0,
  /// The time is over.
  TwinKeysNone = 1,
  /// A signal's number waits in the pipe.
  TwinKeysSignal = 2,
  /// The terminal was closed.
  TwinKeysHungUp = 3,
};

/// From here on keys come one by one, without Enter and unseen; what was typed before waits for later. False where standard
/// input is no terminal.
bool twin_keys_begin(void);
/// Puts the terminal back.
void twin_keys_end(void);
/// The next byte of a key. Less than 0 milliseconds: waits as long as it takes.
int twin_keys_next(int wakeDescriptor, int milliseconds, unsigned char *byte);

/// Whether keys are shown as they are typed. Off while a cell runs, so that what is typed ahead does not mix with what
/// the cell prints; it shows at the next prompt. Does nothing where standard input is no terminal.
void twin_echo(bool isOn);

/// Columns that a text takes in a terminal.
int twin_text_columns(const char *text);
