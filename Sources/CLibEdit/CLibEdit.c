#define _GNU_SOURCE
#include "CLibEdit.h"
#include "CProcess.h"

#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

struct TwinEdit {
  EditLine *line;
  /// Takes what libedit draws.
  FILE *nowhere;
  TwinKeyHandler handler;
  void *context;
  wchar_t *prompt;
  wchar_t *prefill;
  int wake;
  bool interrupted;
  bool ended;
  bool hungUp;
};

// Characters that no text has stand for bytes that are no UTF-8.
static const wchar_t replacement = 0xFFFD;

/// Decodes one character; always moves on by at least one byte.
static size_t decode(const unsigned char *bytes, size_t count, wchar_t *out) {
  unsigned char first = bytes[0];
  size_t length = first < 0x80 ? 1 : first >= 0xF0 && first < 0xF5 ? 4 : first >= 0xE0 && first < 0xF0 ? 3
    : first >= 0xC2 && first < 0xE0 ? 2 : 0;
  if (length == 0 || length > count) { *out = replacement; return 1; }
  unsigned value = length == 1 ? first : first & (0x7F >> length);
  for (size_t i = 1; i < length; i++) {
    if ((bytes[i] & 0xC0) != 0x80) { *out = replacement; return 1; }
    value = value << 6 | (bytes[i] & 0x3F);
  }
  bool tooLong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (tooLong || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) { *out = replacement; return 1; }
  *out = (wchar_t)value;
  return length;
}

static size_t encode(wchar_t wide, char *out) {
  unsigned value = (unsigned)wide;
  if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) value = (unsigned)replacement;
  if (value < 0x80) { out[0] = (char)value; return 1; }
  if (value < 0x800) { out[0] = (char)(0xC0 | value >> 6); out[1] = (char)(0x80 | (value & 0x3F)); return 2; }
  if (value < 0x10000) {
    out[0] = (char)(0xE0 | value >> 12);
    out[1] = (char)(0x80 | (value >> 6 & 0x3F));
    out[2] = (char)(0x80 | (value & 0x3F));
    return 3;
  }
  out[0] = (char)(0xF0 | value >> 18);
  out[1] = (char)(0x80 | (value >> 12 & 0x3F));
  out[2] = (char)(0x80 | (value >> 6 & 0x3F));
  out[3] = (char)(0x80 | (value & 0x3F));
  return 4;
}

static wchar_t *widen(const char *text) {
  size_t count = strlen(text);
  wchar_t *wide = malloc((count + 1) * sizeof(wchar_t));
  if (wide == NULL) return NULL;
  size_t length = 0;
  for (size_t i = 0; i < count;) i += decode((const unsigned char *)text + i, count - i, &wide[length++]);
  wide[length] = 0;
  return wide;
}

static char *narrow(const wchar_t *wide, size_t count) {
  char *text = malloc(count * 4 + 1);
  if (text == NULL) return NULL;
  size_t length = 0;
  for (size_t i = 0; i < count; i++) length += encode(wide[i], text + length);
  text[length] = 0;
  return text;
}

static TwinEdit *ownerOf(EditLine *line) {
  void *data = NULL;
  el_get(line, EL_CLIENTDATA, &data);
  return data;
}

static wchar_t *promptOf(EditLine *line) {
  TwinEdit *edit = ownerOf(line);
  static wchar_t none[] = L"";
  return edit != NULL && edit->prompt != NULL ? edit->prompt : none;
}

static void tell(TwinEdit *edit, int event) { edit->handler(edit->context, event); }

/// Takes the next signal where it is about the screen; others wait for the session.
static bool isForTheScreen(TwinEdit *edit) {
  unsigned char number = 0;
  if (read(edit->wake, &number, 1) != 1) return true;
  switch (number) {
  case SIGWINCH:
    // libedit keeps the size that it found when the cell began. Nothing that it draws is seen, and on a taller screen it
    // would look for its cursor in lines that it has not made.
    tell(edit, TwinScreenResize);
    return true;
  case SIGTSTP:
    tell(edit, TwinScreenLeave);
    el_set(edit->line, EL_PREP_TERM, 0);
    twin_stop_process();
    // SIGCONT, which waits now, does the rest.
    return true;
  case SIGCONT:
    // Whoever had the terminal meanwhile has set it in its own way: libedit believes that nothing changed.
    el_set(edit->line, EL_PREP_TERM, 0);
    el_set(edit->line, EL_PREP_TERM, 1);
    tell(edit, TwinScreenReturn);
    return true;
  default:
    twin_signal_again(number);
    return false;
  }
}

/// Whether a byte can be read without waiting.
static bool isWaiting(void) {
  struct pollfd waiting = {.fd = STDIN_FILENO, .events = POLLIN};
  return twin_input_waits() || poll(&waiting, 1, 0) > 0;
}

static int readByte(TwinEdit *edit, unsigned char *byte) {
  if (!isWaiting()) tell(edit, TwinScreenDraw);
  for (;;) {
    struct pollfd waiting[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = edit->wake, .events = POLLIN}};
    if (twin_input_take(byte)) return 1;
    int ready = poll(waiting, edit->wake >= 0 ? 2 : 1, -1);
    if (ready < 0 && errno != EINTR) return -1;
    // A signal that came while poll was about to return for a key: it came before the key.
    if (ready > 0 && edit->wake >= 0 && !(waiting[1].revents & POLLIN) && poll(&waiting[1], 1, 0) < 0)
      waiting[1].revents = 0;
    if (edit->wake >= 0 && (waiting[1].revents & POLLIN) && ready > 0) {
      if (isForTheScreen(edit)) continue;
      edit->interrupted = true;
      errno = EINTR;
      return -1;
    }
    if (ready <= 0) continue;
    if (waiting[0].revents & (POLLIN | POLLHUP | POLLERR)) {
      ssize_t count = read(STDIN_FILENO, byte, 1);
      if (count == 1) return 1;
      if (count == 0) {
        // Ctrl-D at a terminal that does not edit, or a terminal that was closed.
        edit->ended = true;
        edit->hungUp = (waiting[0].revents & POLLHUP) != 0;
        return 0;
      }
      if (errno == EINTR || errno == EAGAIN) continue;
      edit->ended = true;
      edit->hungUp = true;
      return -1;
    }
    if (waiting[0].revents & POLLNVAL) {
      edit->ended = true;
      edit->hungUp = true;
      return -1;
    }
  }
}

static int readCharacter(EditLine *line, wchar_t *out) {
  TwinEdit *edit = ownerOf(line);
  unsigned char bytes[4];
  int got = readByte(edit, &bytes[0]);
  if (got != 1) return got;
  size_t length = bytes[0] >= 0xF0 ? 4 : bytes[0] >= 0xE0 ? 3 : bytes[0] >= 0xC2 ? 2 : 1;
  for (size_t i = 1; i < length; i++) {
    got = readByte(edit, &bytes[i]);
    if (got != 1) return got;
    if ((bytes[i] & 0xC0) != 0x80) { *out = replacement; return 1; }
  }
  decode(bytes, length, out);
  return 1;
}

static unsigned char handle(EditLine *line, int key) {
  TwinEdit *edit = ownerOf(line);
  switch (edit->handler(edit->context, key)) {
  case TwinAnswerAccept: {
    const LineInfoW *info = el_wline(line);
    el_cursor(line, (int)(info->lastchar - info->cursor));
    tell(edit, TwinScreenLeave);
    el_wpush(line, L"\x1b[9999~");
    return CC_REFRESH;
  }
  case TwinAnswerRefresh: return CC_REFRESH;
  case TwinAnswerRedisplay: return CC_REDISPLAY;
  case TwinAnswerEndOfFile: return CC_EOF;
  case TwinAnswerBeep:
    (void)!write(STDOUT_FILENO, "\a", 1);
    return CC_REFRESH;
  default: return CC_NORM;
  }
}

#define HANDLER(name, key) \
  static unsigned char name(EditLine *line, int character) { (void)character; return handle(line, key); }
HANDLER(onEnter, TwinKeyEnter)
HANDLER(onTab, TwinKeyTab)
HANDLER(onUp, TwinKeyUp)
HANDLER(onDown, TwinKeyDown)
HANDLER(onHome, TwinKeyHome)
HANDLER(onEnd, TwinKeyEnd)
HANDLER(onPaste, TwinKeyPaste)
HANDLER(onBackspace, TwinKeyBackspace)
HANDLER(onEndOfFile, TwinKeyEndOfFile)
HANDLER(onForceNewline, TwinKeyForceNewline)
HANDLER(onPreviousCell, TwinKeyPreviousCell)
HANDLER(onNextCell, TwinKeyNextCell)
HANDLER(onRedraw, TwinKeyRedraw)
HANDLER(onLeft, TwinKeyLeft)
HANDLER(onRight, TwinKeyRight)
HANDLER(onCloseBrace, TwinKeyCloseBrace)
HANDLER(onCloseBracket, TwinKeyCloseBracket)
HANDLER(onCloseParenthesis, TwinKeyCloseParenthesis)
HANDLER(onSearch, TwinKeySearch)

/// A terminal's answer that came too late: nobody types ESC [ ?.
static unsigned char onLateAnswer(EditLine *line, int character) {
  (void)character;
  wchar_t next;
  for (int count = 0; count < 64 && el_wgetc(line, &next) == 1; count++) if (next >= 0x40 && next < 0x7F) break;
  return CC_NORM;
}

static unsigned char onPrefill(EditLine *line, int character) {
  (void)character;
  TwinEdit *edit = ownerOf(line);
  if (edit->prefill != NULL && edit->prefill[0] != 0) el_winsertstr(line, edit->prefill);
  free(edit->prefill);
  edit->prefill = NULL;
  return CC_REFRESH;
}

static void bind(TwinEdit *edit, const wchar_t *key, const wchar_t *function) {
  el_wset(edit->line, EL_BIND, key, function, NULL);
}

static void addKey(
  TwinEdit *edit, const wchar_t *name, unsigned char (*function)(EditLine *, int), const wchar_t *const *keys) {
  el_wset(edit->line, EL_ADDFN, name, name, function);
  for (; *keys != NULL; keys++) bind(edit, *keys, name);
}

TwinEdit *twin_edit_new(const char *program, int wake, TwinKeyHandler handler, void *context) {
  TwinEdit *edit = calloc(1, sizeof *edit);
  if (edit == NULL) return NULL;
  edit->handler = handler;
  edit->context = context;
  edit->wake = wake;
  // A terminal that cannot move its cursor takes whole lines, as the system's own line discipline edits them.
  const char *kind = getenv("TERM");
  bool isDumb = kind == NULL || strcmp(kind, "dumb") == 0;
  if (!isDumb) edit->nowhere = fopen("/dev/null", "w");
  // The descriptor stays the terminal's: libedit asks it whether there is one.
  edit->line = el_init_fd(
    program, stdin, edit->nowhere != NULL ? edit->nowhere : stdout, stderr, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
  if (edit->line == NULL) {
    if (edit->nowhere != NULL) fclose(edit->nowhere);
    free(edit);
    return NULL;
  }
  el_set(edit->line, EL_CLIENTDATA, edit);
  if (isDumb) el_set(edit->line, EL_EDITMODE, 0);
  el_set(edit->line, EL_SIGNAL, 0);
  el_wset(edit->line, EL_EDITOR, L"emacs");
  el_wset(edit->line, EL_PROMPT_ESC, promptOf, (wchar_t)1);
  el_wset(edit->line, EL_GETCFN, readCharacter);

#define KEYS(...) (const wchar_t *const[]){__VA_ARGS__, NULL}
  addKey(edit, L"twin-enter", onEnter, KEYS(L"\r", L"\n"));
  addKey(edit, L"twin-tab", onTab, KEYS(L"\t"));
  addKey(edit, L"twin-up", onUp, KEYS(L"\x1b[A", L"\x1bOA", L"\x10"));
  addKey(edit, L"twin-down", onDown, KEYS(L"\x1b[B", L"\x1bOB", L"\x0e"));
  addKey(edit, L"twin-left", onLeft, KEYS(L"\x1b[D", L"\x1bOD", L"\x02"));
  addKey(edit, L"twin-right", onRight, KEYS(L"\x1b[C", L"\x1bOC", L"\x06"));
  addKey(edit, L"twin-home", onHome, KEYS(L"\x1b[H", L"\x1bOH", L"\x1b[1~", L"\x01"));
  addKey(edit, L"twin-end", onEnd, KEYS(L"\x1b[F", L"\x1bOF", L"\x1b[4~", L"\x05"));
  addKey(edit, L"twin-paste", onPaste, KEYS(L"\x1b[200~"));
  addKey(edit, L"twin-backspace", onBackspace, KEYS(L"\x7f", L"\x08"));
  addKey(edit, L"twin-end-of-file", onEndOfFile, KEYS(L"\x04"));
  addKey(edit, L"twin-newline", onForceNewline, KEYS(L"\x1b\r", L"\x1b\n", L"\x0f"));
  addKey(edit, L"twin-previous-cell", onPreviousCell, KEYS(L"\x1b[5~", L"\x1bp"));
  addKey(edit, L"twin-next-cell", onNextCell, KEYS(L"\x1b[6~", L"\x1bn"));
  addKey(edit, L"twin-redraw", onRedraw, KEYS(L"\x0c"));
  addKey(edit, L"twin-close-brace", onCloseBrace, KEYS(L"}"));
  addKey(edit, L"twin-close-bracket", onCloseBracket, KEYS(L"]"));
  addKey(edit, L"twin-close-parenthesis", onCloseParenthesis, KEYS(L")"));
  addKey(edit, L"twin-search", onSearch, KEYS(L"\x12"));
  addKey(edit, L"twin-late-answer", onLateAnswer, KEYS(L"\x1b[?"));
  addKey(edit, L"twin-prefill", onPrefill, KEYS(L"\x1b[9998~"));
  bind(edit, L"\x1b[9999~", L"ed-newline");
  // libedit's own command line, which ends the process where nothing is typed into it.
  bind(edit, L"\x1b" L"x", L"ed-unassigned");
  bind(edit, L"\x1b" L"X", L"ed-unassigned");
  bind(edit, L"\x1b[3~", L"ed-delete-next-char");
  bind(edit, L"\x1b[1;5D", L"ed-prev-word");
  bind(edit, L"\x1b[1;5C", L"em-next-word");
  bind(edit, L"\x1b" L"b", L"ed-prev-word");
  bind(edit, L"\x1b" L"f", L"em-next-word");
  bind(edit, L"\x17", L"ed-delete-prev-word");
  bind(edit, L"\x15", L"vi-kill-line-prev");
  return edit;
}

void twin_edit_free(TwinEdit *edit) {
  if (edit == NULL) return;
  if (edit->line != NULL) el_end(edit->line);
  if (edit->nowhere != NULL) fclose(edit->nowhere);
  free(edit->prompt);
  free(edit->prefill);
  free(edit);
}

char *twin_edit_read(TwinEdit *edit, const char *prompt, int *status) {
  free(edit->prompt);
  edit->prompt = widen(prompt);
  edit->interrupted = false;
  edit->ended = false;
  edit->hungUp = false;
  if (edit->prefill != NULL) {
    el_wpush(edit->line, L"\x1b[9998~");
  }
  // Before the prompt shows: what is typed at once must not be edited by the kernel, which knows no characters of several
  // scalars.
  if (twin_edit_can_edit(edit)) {
    el_set(edit->line, EL_PREP_TERM, 1);
  }
  int count = 0;
  const wchar_t *line = el_wgets(edit->line, &count);
  if (line == NULL || count <= 0) {
    *status = edit->interrupted ? TwinReadInterrupted : edit->hungUp ? TwinReadHangUp : TwinReadEnd;
    return NULL;
  }
  *status = TwinReadLine;
  return narrow(line, (size_t)count);
}

void twin_edit_prefill(TwinEdit *edit, const char *text) {
  free(edit->prefill);
  edit->prefill = widen(text);
}

char *twin_edit_text(TwinEdit *edit, size_t *cursor) {
  const LineInfoW *info = el_wline(edit->line);
  size_t before = (size_t)(info->cursor - info->buffer);
  char *head = narrow(info->buffer, before);
  if (head != NULL) *cursor = strlen(head); else *cursor = 0;
  free(head);
  return narrow(info->buffer, (size_t)(info->lastchar - info->buffer));
}

void twin_edit_replace(TwinEdit *edit, const char *text, size_t cursor) {
  const LineInfoW *info = el_wline(edit->line);
  el_cursor(edit->line, (int)(info->lastchar - info->cursor));
  el_deletestr(edit->line, (int)(info->lastchar - info->buffer));
  wchar_t *wide = widen(text);
  if (wide == NULL) return;
  if (wide[0] != 0) el_winsertstr(edit->line, wide);
  size_t bytes = strlen(text), behind = 0;
  char scratch[4];
  for (size_t i = wcslen(wide), at = bytes; i > 0 && at > cursor; i--) {
    at -= encode(wide[i - 1], scratch);
    behind++;
  }
  if (behind > 0) el_cursor(edit->line, -(int)behind);
  free(wide);
}

void twin_edit_insert(TwinEdit *edit, const char *text) {
  wchar_t *wide = widen(text);
  if (wide != NULL && wide[0] != 0) el_winsertstr(edit->line, wide);
  free(wide);
}

void twin_edit_delete_before(TwinEdit *edit, int characters) { el_deletestr(edit->line, characters); }

void twin_edit_move(TwinEdit *edit, int characters) { el_cursor(edit->line, characters); }

char *twin_edit_read_paste(TwinEdit *edit) {
  static const wchar_t end[] = L"\x1b[201~";
  const size_t endLength = 6, limit = 16u << 20;
  size_t count = 0, capacity = 1024;
  wchar_t *wide = malloc(capacity * sizeof(wchar_t));
  if (wide == NULL) return NULL;
  while (count < limit) {
    wchar_t next;
    if (el_wgetc(edit->line, &next) != 1) break;
    if (count == capacity) {
      wchar_t *grown = realloc(wide, capacity * 2 * sizeof(wchar_t));
      if (grown == NULL) break;
      wide = grown;
      capacity *= 2;
    }
    wide[count++] = next == 0 ? replacement : next;
    if (count >= endLength && wmemcmp(wide + count - endLength, end, endLength) == 0) {
      count -= endLength;
      break;
    }
  }
  char *text = narrow(wide, count);
  free(wide);
  return text;
}

int twin_edit_next(TwinEdit *edit) {
  wchar_t next;
  return el_wgetc(edit->line, &next) == 1 ? (int)next : -1;
}

void twin_edit_push(TwinEdit *edit, int character) {
  wchar_t text[2] = {(wchar_t)character, 0};
  el_wpush(edit->line, text);
}

bool twin_edit_can_edit(TwinEdit *edit) {
  int mode = 0;
  el_get(edit->line, EL_EDITMODE, &mode);
  return mode != 0;
}

void twin_set_locale(void) {
  if (setlocale(LC_CTYPE, "") == NULL || MB_CUR_MAX < 2) setlocale(LC_CTYPE, "C.UTF-8");
}

int twin_text_columns(const char *text) {
  wchar_t *wide = widen(text);
  if (wide == NULL) return (int)strlen(text);
  int columns = 0;
  for (wchar_t *next = wide; *next != 0; next++) {
    int width = wcwidth(*next);
    if (width > 0) columns += width;
  }
  free(wide);
  return columns;
}
