#define _GNU_SOURCE
#include "CProcess.h"
#include "Internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
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

void twin_set_action(int number, void (*handler)(int)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

static bool isIgnored(int number) {
  struct sigaction action;
  return sigaction(number, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) && action.sa_handler == SIG_IGN;
}

void twin_watch_signal(int number) { twin_set_action(number, onSignal); }
void twin_watch_unless_ignored(int number) { if (!isIgnored(number)) twin_watch_signal(number); }
void twin_ignore_signal(int number) { twin_set_action(number, SIG_IGN); }
void twin_default_signal(int number) { twin_set_action(number, SIG_DFL); }

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
  twin_set_action(number, SIG_DFL);
  raise(number);
}

void twin_quit_at_once(void) {
  if (isIgnored(SIGQUIT)) return;
  const char *kind = getenv("TERM");
  bool isScreen = kind != NULL && strcmp(kind, "dumb") != 0 && isatty(STDOUT_FILENO);
  hasModesAtStart = isScreen && tcgetattr(STDIN_FILENO, &modesAtStart) == 0;
  twin_set_action(SIGQUIT, onQuit);
}

void twin_stop_process(void) {
  twin_set_action(SIGTSTP, SIG_DFL);
  kill(getpid(), SIGTSTP);
  // Here it goes on.
  twin_set_action(SIGTSTP, onSignal);
}
