#include "CGnuplot.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <cassert>
#include <gnuplot-iostream.h>

extern char **environ;

namespace {

using Clock = std::chrono::steady_clock;

void close_descriptor(int &descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

struct Pipe {
  int ends[2] = {-1, -1};
  bool open() { return ::pipe2(ends, O_CLOEXEC) == 0; }
  int take(int end) {
    int descriptor = ends[end];
    ends[end] = -1;
    return descriptor;
  }
  ~Pipe() {
    close_descriptor(ends[0]);
    close_descriptor(ends[1]);
  }
};

}  // namespace

struct twin_gnuplot {
  pid_t process = -1;
  int standard_output = -1;
  int standard_error = -1;
  std::unique_ptr<gnuplotio::Gnuplot> stream;
  std::string messages;
  std::string output;
  size_t output_limit = 0;
  unsigned token = 0;

  void kill_and_wait() {
    if (process <= 0) return;
    ::kill(-process, SIGKILL);
    ::kill(process, SIGKILL);
    while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {}
    process = -1;
  }

  /// False at the end of the stream. Throws std::bad_alloc only.
  bool read_some(int descriptor, std::string &into) {
    char bytes[65536];
    ssize_t count = ::read(descriptor, bytes, sizeof bytes);
    if (count < 0) return errno == EINTR || errno == EAGAIN;
    if (count == 0) return false;
    into.append(bytes, static_cast<size_t>(count));
    return true;
  }

  void close_input();

  ~twin_gnuplot() {
    kill_and_wait();
    close_input();
    close_descriptor(standard_output);
    close_descriptor(standard_error);
  }
};

namespace {

/// A write to a dead gnuplot must fail, not end this process; blocked in the thread that writes, so that the
/// program's own handling of the signal is left alone.
void hold_back_broken_pipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

/// The stream flushes when it is destroyed; in a thread of its own for the same reason as above.
void twin_gnuplot::close_input() {
  if (!stream) return;
  std::thread closer([this] {
    hold_back_broken_pipe();
    try {
      stream.reset();
    } catch (...) {
    }
  });
  closer.join();
}

namespace {

/// Reads both streams until the token stands in the messages (or, without a token, until both have ended).
int pump(twin_gnuplot &plot, const std::string &token, int timeout, int (*interrupted)(void *), void *context) {
  const auto deadline = Clock::now() + std::chrono::milliseconds(timeout);
  while (true) {
    if (!token.empty()) {
      size_t place = plot.messages.find(token);
      if (place != std::string::npos) {
        plot.messages.resize(place);
        return TWIN_GNUPLOT_OK;
      }
    }
    if (plot.output.size() > plot.output_limit || plot.messages.size() > (1u << 20)) return TWIN_GNUPLOT_TOO_LARGE;
    if (interrupted != nullptr && interrupted(context) != 0) return TWIN_GNUPLOT_INTERRUPTED;
    if (Clock::now() >= deadline) return TWIN_GNUPLOT_TIMEOUT;
    pollfd sources[2] = {{plot.standard_output, POLLIN, 0}, {plot.standard_error, POLLIN, 0}};
    int ready = ::poll(sources, 2, 20);
    if (ready <= 0) continue;
    if (sources[0].revents != 0 && !plot.read_some(plot.standard_output, plot.output))
      close_descriptor(plot.standard_output);
    if (sources[1].revents != 0 && !plot.read_some(plot.standard_error, plot.messages))
      close_descriptor(plot.standard_error);
    if (plot.standard_error < 0 && (!token.empty() || plot.standard_output < 0))
      return token.empty() ? TWIN_GNUPLOT_OK : TWIN_GNUPLOT_DIED;
  }
}

}  // namespace

extern "C" twin_gnuplot *twin_gnuplot_open(const char *program, size_t output_limit, int *system_error) {
  *system_error = 0;
  try {
    auto plot = std::make_unique<twin_gnuplot>();
    plot->output_limit = output_limit;
    Pipe input, output, error;
    if (!input.open() || !output.open() || !error.open()) {
      *system_error = errno;
      return nullptr;
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, input.ends[0], 0);
    posix_spawn_file_actions_adddup2(&actions, output.ends[1], 1);
    posix_spawn_file_actions_adddup2(&actions, error.ends[1], 2);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    // -d leaves out the user's own start-up files, so that a figure looks the same everywhere.
    char name[] = "gnuplot", plain[] = "-d";
    char *arguments[] = {name, plain, nullptr};
    int failure = posix_spawn(&plot->process, program, &actions, &attributes, arguments, environ);
    // A program that was written a moment ago may be held open by another child until that one has begun.
    for (int tries = 0; failure == ETXTBSY && tries < 50; tries++) {
      usleep(20000);
      failure = posix_spawn(&plot->process, program, &actions, &attributes, arguments, environ);
    }
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failure != 0) {
      plot->process = -1;
      *system_error = failure;
      return nullptr;
    }
    plot->standard_output = output.take(0);
    plot->standard_error = error.take(0);
    std::FILE *file = ::fdopen(input.ends[1], "w");
    if (file == nullptr) {
      *system_error = errno;
      return nullptr;
    }
    input.take(1);
    try {
      plot->stream = std::make_unique<gnuplotio::Gnuplot>(file);
    } catch (...) {
      std::fclose(file);
      throw;
    }
    return plot.release();
  } catch (...) {
    *system_error = ENOMEM;
    return nullptr;
  }
}

extern "C" int twin_gnuplot_run(
    twin_gnuplot *plot, const char *commands, size_t length, int timeout, int (*interrupted)(void *), void *context) {
  try {
    if (plot->process < 0 || !plot->stream) return TWIN_GNUPLOT_DIED;
    plot->messages.clear();
    std::string token = "twinbook-token-" + std::to_string(::getpid()) + "-" + std::to_string(++plot->token);
    std::string text(commands, length);
    text += "\nset print\nprint '" + token + "'\n";
    // A thread of its own writes: a gnuplot that does not read must not hold up the clock and Ctrl-C here.
    std::thread writer([&] {
      hold_back_broken_pipe();
      try {
        plot->stream->write(text.data(), static_cast<std::streamsize>(text.size()));
        plot->stream->flush();
      } catch (...) {
      }
    });
    int status = TWIN_GNUPLOT_TOO_LARGE;
    try {
      status = pump(*plot, token, timeout, interrupted, context);
    } catch (...) {
    }
    if (status != TWIN_GNUPLOT_OK) plot->kill_and_wait();
    writer.join();
    return status;
  } catch (...) {
    plot->kill_and_wait();
    return TWIN_GNUPLOT_TOO_LARGE;
  }
}

extern "C" int twin_gnuplot_finish(twin_gnuplot *plot, int timeout, int (*interrupted)(void *), void *context) {
  try {
    plot->close_input();
    int status = pump(*plot, std::string(), timeout, interrupted, context);
    if (status != TWIN_GNUPLOT_OK) {
      plot->kill_and_wait();
      return status;
    }
    const auto deadline = Clock::now() + std::chrono::milliseconds(2000);
    while (plot->process > 0) {
      pid_t ended = ::waitpid(plot->process, nullptr, WNOHANG);
      if (ended == plot->process || (ended < 0 && errno != EINTR)) {
        plot->process = -1;
      } else if (Clock::now() >= deadline) {
        plot->kill_and_wait();
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    }
    return TWIN_GNUPLOT_OK;
  } catch (...) {
    plot->kill_and_wait();
    return TWIN_GNUPLOT_TOO_LARGE;
  }
}

extern "C" const char *twin_gnuplot_messages(const twin_gnuplot *plot, size_t *length) {
  *length = plot->messages.size();
  return plot->messages.data();
}

extern "C" const unsigned char *twin_gnuplot_output(const twin_gnuplot *plot, size_t *length) {
  *length = plot->output.size();
  return reinterpret_cast<const unsigned char *>(plot->output.data());
}

extern "C" int twin_gnuplot_process(const twin_gnuplot *plot) { return plot->process; }

extern "C" void twin_gnuplot_close(twin_gnuplot *plot) {
  try {
    delete plot;
  } catch (...) {
  }
}
