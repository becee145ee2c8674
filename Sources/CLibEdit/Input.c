#define _GNU_SOURCE
#include "CLibEdit.h"
#include "Internal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

// What was read from the terminal while something else was looked for: it comes before all that is read later.
static unsigned char *held = NULL;
static size_t heldStart = 0, heldEnd = 0, heldCapacity = 0;
// A figure asks the terminal on the thread of the cell; the question whether to quit stands on the first thread.
static pthread_mutex_t heldLock = PTHREAD_MUTEX_INITIALIZER;

void twin_input_hold(const unsigned char *bytes, size_t count) {
  if (count == 0) return;
  pthread_mutex_lock(&heldLock);
  if (heldStart == heldEnd) heldStart = heldEnd = 0;
  if (heldEnd + count > heldCapacity) {
    size_t wanted = (heldEnd + count) * 2;
    unsigned char *grown = realloc(held, wanted);
    if (grown != NULL) { held = grown; heldCapacity = wanted; }
  }
  if (heldEnd + count <= heldCapacity) {
    memcpy(held + heldEnd, bytes, count);
    heldEnd += count;
  }
  pthread_mutex_unlock(&heldLock);
}

bool twin_input_waits(void) {
  pthread_mutex_lock(&heldLock);
  bool waits = heldStart < heldEnd;
  pthread_mutex_unlock(&heldLock);
  return waits;
}

bool twin_input_take(unsigned char *byte) {
  pthread_mutex_lock(&heldLock);
  bool waits = heldStart < heldEnd;
  if (waits) *byte = held[heldStart++];
  pthread_mutex_unlock(&heldLock);
  return waits;
}

bool twin_make_raw(struct termios *saved) {
  if (tcgetattr(STDIN_FILENO, saved) != 0) return false;
  struct termios raw = *saved;
  raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  return tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static void holdAllThatWaits(void) {
  unsigned char bytes[512];
  struct pollfd waiting = {.fd = STDIN_FILENO, .events = POLLIN};
  while (poll(&waiting, 1, 0) > 0 && (waiting.revents & POLLIN)) {
    ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
    if (count <= 0) return;
    twin_input_hold(bytes, (size_t)count);
  }
}

void twin_input_drain(void) {
  struct termios saved;
  if (!twin_make_raw(&saved)) return;
  holdAllThatWaits();
  tcsetattr(STDIN_FILENO, TCSANOW, &saved);
}

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (long long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int twin_terminal_attributes(char *answer, int capacity, int milliseconds) {
  struct termios saved;
  if (!twin_make_raw(&saved)) return 0;
  static const char query[] = "\x1b[c";
  static const char head[] = "\x1b[?";
  int length = 0;
  bool isComplete = false;
  if (write(STDOUT_FILENO, query, sizeof query - 1) == (ssize_t)(sizeof query - 1)) {
    long long end = now() + milliseconds;
    while (!isComplete) {
      long long left = end - now();
      if (left <= 0) break;
      struct pollfd waiting = {.fd = STDIN_FILENO, .events = POLLIN};
      int ready = poll(&waiting, 1, (int)left);
      if (ready < 0 && errno == EINTR) continue;
      unsigned char byte;
      if (ready <= 0 || read(STDIN_FILENO, &byte, 1) != 1) break;
      // The answer is ESC [ ? digits and semicolons c; all else was typed, and is read when it is asked for.
      bool fits = length < 3 ? byte == (unsigned char)head[length]
        : (byte >= '0' && byte <= '9') || byte == ';' || byte == 'c';
      if (fits && length < capacity - 1) {
        // An answer that has begun comes to its end.
        if (length == 2) end = now() + 1000;
        answer[length++] = (char)byte;
        isComplete = length > 3 && byte == 'c';
        continue;
      }
      twin_input_hold((const unsigned char *)answer, (size_t)length);
      length = 0;
      if (byte == (unsigned char)head[0]) answer[length++] = (char)byte; else twin_input_hold(&byte, 1);
    }
  }
  if (!isComplete) {
    twin_input_hold((const unsigned char *)answer, (size_t)length);
    length = 0;
  }
  answer[length] = 0;
  tcsetattr(STDIN_FILENO, TCSANOW, &saved);
  return length;
}

int twin_read_key(int wakeDescriptor, int milliseconds, unsigned char *bytes, int capacity) {
  struct termios saved;
  if (!twin_make_raw(&saved)) return 0;
  int length = 0;
  long long end = now() + milliseconds;
  while (length < capacity) {
    long long left = end - now();
    if (left <= 0) break;
    struct pollfd waiting[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = wakeDescriptor, .events = POLLIN}};
    int ready = poll(waiting, wakeDescriptor >= 0 ? 2 : 1, (int)left);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0 || (wakeDescriptor >= 0 && waiting[1].revents != 0)) break;
    if (read(STDIN_FILENO, bytes + length, 1) != 1) break;
    length++;
    // The bytes of one key come together.
    end = now() + 30;
    if (bytes[0] != 0x1b && bytes[0] < 0x80) break;
  }
  tcsetattr(STDIN_FILENO, TCSANOW, &saved);
  return length;
}
