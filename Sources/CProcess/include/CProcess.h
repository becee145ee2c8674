#pragma once
#include <stddef.h>

// Signals, programs and threads: what Swift cannot reach, or not with the guarantees that a terminal needs.

/// The end of a pipe that tells signals, one byte with its number each; -1 where there can be none.
int twin_signal_pipe(void);
/// The signal is written to the pipe from here on, and system calls that wait end (no SA_RESTART).
void twin_watch_signal(int number);
/// The same, unless whoever started this process had the signal ignored: nohup means that a closed terminal does not
/// matter, and a shell that runs a script keeps Ctrl-C from what it has put into the background.
void twin_watch_unless_ignored(int number);
/// Puts a signal that was read from the pipe back into it.
void twin_signal_again(int number);
void twin_ignore_signal(int number);
void twin_default_signal(int number);
/// Ctrl-backslash ends the process at once, and leaves the terminal as it is now. Ignored, it stays so.
void twin_quit_at_once(void);
/// Ctrl-Z: stops this process as if it did not listen. Returns when it goes on.
void twin_stop_process(void);

/// Runs `sh -c command sh argument` in the foreground of this terminal, with the standard signals, and waits for it.
/// Returns its exit code, 128 + the signal that ended it, or -1 if it cannot be started.
int twin_run_program(const char *command, const char *argument);

/// Runs `body(context)` on a thread with a stack of this many bytes. Returns 0, or an errno.
int twin_run_thread(size_t stackBytes, void (*body)(void *), void *context);
