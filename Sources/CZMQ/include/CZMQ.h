#pragma once
#include <stdbool.h>
#include <stddef.h>

/// libzmq, opened when a kernel starts, not linked: a session in a terminal starts as fast without it.

/// Opens the library; NULL where all is well, else why not. Nothing else may be called before.
const char *_Nullable twin_zmq_open(void);

/// "4.3.4".
const char *_Nonnull twin_zmq_version(void);

enum TwinZMQKind { TwinZMQRep = 4, TwinZMQRouter = 6, TwinZMQXPub = 9 };

/// NULL where it cannot be made.
void *_Nullable twin_zmq_context(void);
/// Sockets have to be closed before; waits until what was sent has gone, as long as their linger says.
void twin_zmq_end(void *_Nonnull context);
/// Lingers a second and takes messages of `largest` bytes at most; NULL where it cannot be made.
void *_Nullable twin_zmq_socket(void *_Nonnull context, int kind, long long largest);
void twin_zmq_close(void *_Nonnull socket);
/// 0, or the error's number.
int twin_zmq_bind(void *_Nonnull socket, const char *_Nonnull endpoint);
const char *_Nonnull twin_zmq_words(int error);

/// One part of a message. 0, or the error's number.
int twin_zmq_send(void *_Nonnull socket, const void *_Nullable bytes, size_t count, bool hasMore);

/// One part of a message, without waiting. 0, or the error's number (EAGAIN: nothing is there). `take` is called with its
/// bytes.
int twin_zmq_receive(
  void *_Nonnull socket, bool *_Nonnull hasMore,
  void (*_Nonnull take)(const void *_Nullable bytes, size_t count, void *_Nullable context), void *_Nullable context);

/// Takes up the subscription, or the end of one, that was received last at an XPub socket. 0, or the error's number.
int twin_zmq_subscribe(void *_Nonnull socket, const void *_Nullable topic, size_t count, bool isOn);

/// Waits until one of the sockets can be read, or one of the descriptors; bit i of the result is the i-th socket, those
/// of the descriptors follow. 0 after `milliseconds`, and where a signal came.
unsigned twin_zmq_wait(
  void *_Nonnull const *_Nonnull sockets, int socketCount, const int *_Nonnull descriptors, int descriptorCount,
  long milliseconds);
