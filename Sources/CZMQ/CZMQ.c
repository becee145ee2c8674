#define _GNU_SOURCE
#include "CZMQ.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>

// The stable interface of libzmq 4 (zmq.h), as far as it is used.
typedef struct {
  unsigned char bytes[64];
} __attribute__((aligned(sizeof(void *)))) Message;

typedef struct {
  void *socket;
  int fd;
  short events;
  short revents;
} PollItem;

enum { optionSubscribe = 6, optionUnsubscribe = 7, optionLinger = 17, optionMaxMessage = 22, optionIPv6 = 42, optionXPubManual = 71 };
enum { flagDontWait = 1, flagMore = 2, pollIn = 1 };

static struct {
  void *library;
  void *(*newContext)(void);
  int (*endContext)(void *);
  void *(*newSocket)(void *, int);
  int (*closeSocket)(void *);
  int (*setOption)(void *, int, const void *, size_t);
  int (*bind)(void *, const char *);
  int (*send)(void *, const void *, size_t, int);
  int (*initMessage)(Message *);
  int (*receiveMessage)(Message *, void *, int);
  int (*closeMessage)(Message *);
  void *(*messageBytes)(Message *);
  size_t (*messageSize)(const Message *);
  int (*messageMore)(const Message *);
  int (*poll)(PollItem *, int, long);
  int (*error)(void);
  const char *(*words)(int);
  void (*version)(int *, int *, int *);
} zmq;

const char *twin_zmq_open(void) {
  static const char *const names[] = {"libzmq.so.5", "libzmq.so", "libzmq.5.dylib"};
  for (size_t i = 0; i < sizeof names / sizeof *names && !zmq.library; i++) {
    zmq.library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  }
  if (!zmq.library) return "libzmq.so.5 is not installed";
  struct {
    const char *name;
    void *place;
  } functions[] = {
    {"zmq_ctx_new", &zmq.newContext},      {"zmq_ctx_term", &zmq.endContext},
    {"zmq_socket", &zmq.newSocket},        {"zmq_close", &zmq.closeSocket},
    {"zmq_setsockopt", &zmq.setOption},    {"zmq_bind", &zmq.bind},
    {"zmq_send", &zmq.send},               {"zmq_msg_init", &zmq.initMessage},
    {"zmq_msg_recv", &zmq.receiveMessage}, {"zmq_msg_close", &zmq.closeMessage},
    {"zmq_msg_data", &zmq.messageBytes},   {"zmq_msg_size", &zmq.messageSize},
    {"zmq_msg_more", &zmq.messageMore},    {"zmq_poll", &zmq.poll},
    {"zmq_errno", &zmq.error},             {"zmq_strerror", &zmq.words},
    {"zmq_version", &zmq.version},
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    void *function = dlsym(zmq.library, functions[i].name);
    if (!function) return "this libzmq is older than version 4.2";
    *(void **)functions[i].place = function;
  }
  int major = 0, minor = 0, patch = 0;
  zmq.version(&major, &minor, &patch);
  if (major < 4 || (major == 4 && minor < 2)) return "this libzmq is older than version 4.2";
  return NULL;
}

const char *twin_zmq_version(void) {
  static char text[40];
  int major = 0, minor = 0, patch = 0;
  zmq.version(&major, &minor, &patch);
  snprintf(text, sizeof text, "%d.%d.%d", major, minor, patch);
  return text;
}

void *twin_zmq_context(void) { return zmq.newContext(); }
void twin_zmq_end(void *context) {
  while (zmq.endContext(context) != 0 && zmq.error() == EINTR) {}
}

void *twin_zmq_socket(void *context, int kind, long long largest) {
  void *socket = zmq.newSocket(context, kind);
  if (!socket) return NULL;
  int linger = 1000, yes = 1;
  zmq.setOption(socket, optionLinger, &linger, sizeof linger);
  zmq.setOption(socket, optionMaxMessage, &largest, sizeof largest);
  zmq.setOption(socket, optionIPv6, &yes, sizeof yes);
  // A subscription is told, also one that another client has made before, and holds from twin_zmq_subscribe on: so the
  // kernel can welcome who subscribes before anything else reaches him.
  if (kind == TwinZMQXPub) zmq.setOption(socket, optionXPubManual, &yes, sizeof yes);
  return socket;
}

void twin_zmq_close(void *socket) { zmq.closeSocket(socket); }
int twin_zmq_bind(void *socket, const char *endpoint) { return zmq.bind(socket, endpoint) == 0 ? 0 : zmq.error(); }
const char *twin_zmq_words(int error) { return zmq.words(error); }

int twin_zmq_send(void *socket, const void *bytes, size_t count, bool hasMore) {
  while (zmq.send(socket, bytes, count, flagDontWait | (hasMore ? flagMore : 0)) < 0) {
    int error = zmq.error();
    if (error != EINTR) return error;
  }
  return 0;
}

int twin_zmq_receive(
  void *socket, bool *hasMore, void (*take)(const void *, size_t, void *), void *context) {
  Message message;
  zmq.initMessage(&message);
  while (zmq.receiveMessage(&message, socket, flagDontWait) < 0) {
    int error = zmq.error();
    if (error == EINTR) continue;
    zmq.closeMessage(&message);
    return error;
  }
  *hasMore = zmq.messageMore(&message) != 0;
  take(zmq.messageBytes(&message), zmq.messageSize(&message), context);
  zmq.closeMessage(&message);
  return 0;
}

int twin_zmq_subscribe(void *socket, const void *topic, size_t count, bool isOn) {
  return zmq.setOption(socket, isOn ? optionSubscribe : optionUnsubscribe, topic, count) == 0 ? 0 : zmq.error();
}

unsigned twin_zmq_wait(
  void *const *sockets, int socketCount, const int *descriptors, int descriptorCount, long milliseconds) {
  PollItem items[16] = {{0}};
  int count = 0;
  for (int i = 0; i < socketCount && count < 16; i++) items[count++] = (PollItem){sockets[i], 0, pollIn, 0};
  for (int i = 0; i < descriptorCount && count < 16; i++) items[count++] = (PollItem){NULL, descriptors[i], pollIn, 0};
  if (zmq.poll(items, count, milliseconds) <= 0) return 0;
  unsigned ready = 0;
  for (int i = 0; i < count; i++) {
    if (items[i].revents) ready |= 1u << i;
  }
  return ready;
}
