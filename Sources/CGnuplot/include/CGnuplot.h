#pragma once
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif

/// A gnuplot process, driven through gnuplot-iostream. Not safe to share between threads.
typedef struct twin_gnuplot twin_gnuplot;

enum {
  TWIN_GNUPLOT_OK = 0,
  /// The program could not be started; `errno` is in `*system_error`.
  TWIN_GNUPLOT_NOT_STARTED = 1,
  /// The time was up: the process and its group have been killed.
  TWIN_GNUPLOT_TIMEOUT = 2,
  /// `interrupted` said so: the process and its group have been killed.
  TWIN_GNUPLOT_INTERRUPTED = 3,
  /// The process ended before it answered.
  TWIN_GNUPLOT_DIED = 4,
  /// More output than `output_limit`, or memory ran out: the process has been killed.
  TWIN_GNUPLOT_TOO_LARGE = 5,
};

/// Starts `program` (a path) bare, in a process group of its own, with pipes on its three standard streams.
twin_gnuplot *twin_gnuplot_open(const char *program, size_t output_limit, int *system_error);

/// Sends commands, then has gnuplot print a token to standard error, and reads until it comes. What stood before it is
/// in `twin_gnuplot_messages`. `interrupted` (may be null) is asked about 50 times a second.
int twin_gnuplot_run(
    twin_gnuplot *plot, const char *commands, size_t length, int timeout_milliseconds, int (*interrupted)(void *),
    void *context);

/// Ends gnuplot's input, reads the rest of its output, and waits for it; kills it when the time is up.
int twin_gnuplot_finish(
    twin_gnuplot *plot, int timeout_milliseconds, int (*interrupted)(void *), void *context);

/// What gnuplot wrote to standard error during the last run, the token left out. Valid until the next call.
const char *twin_gnuplot_messages(const twin_gnuplot *plot, size_t *length);

/// All that gnuplot wrote to standard output. Valid until the next call.
const unsigned char *twin_gnuplot_output(const twin_gnuplot *plot, size_t *length);

/// The process, or -1 when it has ended.
int twin_gnuplot_process(const twin_gnuplot *plot);

/// Kills the process if it still runs, waits for it, and frees all.
void twin_gnuplot_close(twin_gnuplot *plot);

/// Whether any font that fontconfig knows has the character; 0 where there is no fontconfig.
int twin_fonts_have(unsigned character);

#ifdef __cplusplus
}
#endif
