#define _GNU_SOURCE
#include "CProcess.h"
#include "Internal.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

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
  twin_set_action(SIGTSTP, SIG_DFL);
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
