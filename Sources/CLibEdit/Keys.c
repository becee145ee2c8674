#define _GNU_SOURCE
#include "CLibEdit.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

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
