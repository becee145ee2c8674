#define _GNU_SOURCE
#include "CLibEdit.h"
#include "Internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

// A signal handler can reach nothing but statics.
static int signalPipe[2] = {-1, -1};

static void onSignal(int number) {
  int saved = errno;
  unsigned char byte = (unsigned char)number;
  (void)!write(signalPipe[1], &byte, 1);
  errno = saved;
}

int twin_signal_pipe(void) {
  if (signalPipe[0] >= 0) return signalPipe[0];
  if (pipe2(signalPipe, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
  return signalPipe[0];
}

void twin_signal_again(int number) { onSignal(number); }

static void setAction(int number, void (*handler)(int)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

void twin_watch_signal(int number) { setAction(number, onSignal); }
void twin_ignore_signal(int number) { setAction(number, SIG_IGN); }
void twin_default_signal(int number) { setAction(number, SIG_DFL); }

// How the terminal was set when the program began.
static struct termios modesAtStart;
static bool hasModesAtStart = false;

/// Ctrl-backslash ends the process at once, wherever it is; the terminal is left as it was found.
static void onQuit(int number) {
  if (hasModesAtStart) {
    static const char pasteOff[] = "\x1b[?2004l\r\n";
    tcsetattr(STDIN_FILENO, TCSANOW, &modesAtStart);
    (void)!write(STDOUT_FILENO, pasteOff, sizeof pasteOff - 1);
  }
  // The memory of a network is of no use to anybody as a file.
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  setAction(number, SIG_DFL);
  raise(number);
}

void twin_quit_at_once(void) {
  const char *kind = getenv("TERM");
  bool isScreen = kind != NULL && strcmp(kind, "dumb") != 0 && isatty(STDOUT_FILENO);
  hasModesAtStart = isScreen && tcgetattr(STDIN_FILENO, &modesAtStart) == 0;
  setAction(SIGQUIT, onQuit);
}

void twin_stop_process(void) {
  setAction(SIGTSTP, SIG_DFL);
  kill(getpid(), SIGTSTP);
  // Here it goes on.
  setAction(SIGTSTP, onSignal);
}

bool twin_window_size(int descriptor, int *columns, int *rows) {
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return false;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return true;
}

void twin_echo(bool isOn) {
  struct termios mode;
  if (tcgetattr(STDIN_FILENO, &mode) != 0) return;
  if (isOn) mode.c_lflag |= ECHO; else mode.c_lflag &= (tcflag_t)~ECHO;
  tcsetattr(STDIN_FILENO, TCSANOW, &mode);
}

// What the terminal was set to before keys were read one by one.
static struct termios beforeKeys;
static bool keysAreOn = false;

bool twin_keys_begin(void) {
  if (keysAreOn) return true;
  if (tcgetattr(STDIN_FILENO, &beforeKeys) != 0) return false;
  struct termios raw = beforeKeys;
  raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO | IEXTEN);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  // Ctrl-C stays a signal. Ctrl-Z and Ctrl-backslash would leave the terminal as it is set here.
  raw.c_cc[VSUSP] = _POSIX_VDISABLE;
  raw.c_cc[VQUIT] = _POSIX_VDISABLE;
  // What was typed before the first question shows is no answer to it: it waits for the next prompt.
  twin_input_drain();
  keysAreOn = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
  return keysAreOn;
}

void twin_keys_end(void) {
  if (!keysAreOn) return;
  keysAreOn = false;
  tcsetattr(STDIN_FILENO, TCSANOW, &beforeKeys);
}

int twin_keys_next(int wakeDescriptor, int milliseconds, unsigned char *byte) {
  for (;;) {
    struct pollfd waiting[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = wakeDescriptor, .events = POLLIN}};
    int ready = poll(waiting, wakeDescriptor >= 0 ? 2 : 1, milliseconds);
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return TwinKeysHungUp;
    if (ready == 0) return TwinKeysNone;
    if (wakeDescriptor >= 0 && waiting[1].revents != 0) return TwinKeysSignal;
    ssize_t count = read(STDIN_FILENO, byte, 1);
    if (count == 1) return TwinKeysByte;
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    return TwinKeysHungUp;
  }
}

extern char **environ;

int twin_run_program(const char *command, const char *argument) {
  posix_spawnattr_t attributes;
  if (posix_spawnattr_init(&attributes) != 0) return -1;
  // What this process ignores or handles is the program's own business.
  sigset_t standard;
  sigemptyset(&standard);
  const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGWINCH, SIGQUIT, SIGTSTP, SIGCONT, SIGXFSZ};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaddset(&standard, numbers[i]);
  posix_spawnattr_setsigdefault(&attributes, &standard);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  // Ctrl-Z there stops both, as the shell expects.
  struct sigaction stopping;
  sigaction(SIGTSTP, NULL, &stopping);
  setAction(SIGTSTP, SIG_DFL);
  char *const words[] = {"sh", "-c", (char *)command, "sh", (char *)argument, NULL};
  pid_t child;
  int failure = posix_spawn(&child, "/bin/sh", NULL, &attributes, words, environ);
  posix_spawnattr_destroy(&attributes);
  int status = 0;
  bool isOver = failure == 0;
  while (isOver && waitpid(child, &status, 0) < 0) if (errno != EINTR) isOver = false;
  sigaction(SIGTSTP, &stopping, NULL);
  if (!isOver) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

struct ThreadBody {
  void (*body)(void *);
  void *context;
};

static void *runBody(void *argument) {
  struct ThreadBody start = *(struct ThreadBody *)argument;
  free(argument);
  start.body(start.context);
  return NULL;
}

int twin_run_thread(size_t stackBytes, void (*body)(void *), void *context) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, stackBytes);
  struct ThreadBody *start = malloc(sizeof *start);
  if (start == NULL) return ENOMEM;
  start->body = body;
  start->context = context;
  pthread_t thread;
  int failure = pthread_create(&thread, &attributes, runBody, start);
  if (failure != 0) free(start);
  pthread_attr_destroy(&attributes);
  return failure;
}
