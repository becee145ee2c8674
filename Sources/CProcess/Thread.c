#include "CProcess.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

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
