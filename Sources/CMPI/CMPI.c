#define _GNU_SOURCE
#include "CMPI.h"

#include <dlfcn.h>
#include <limits.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What mpi.h of either maker says, as far as it is used. Open MPI's handles are addresses of its own variables, MPICH's
// are fixed numbers; a status is 24 bytes of one and 20 of the other, and only MPI_Get_count reads it here.
enum { threadSerialized = 2, versionLength = 8192, errorLength = 1024 };
enum { mpichWorld = 0x44000000, mpichByte = 0x4c00010d, mpichErrorsReturn = 0x54000001 };

typedef union {
  long long words[8];
} Status;

static struct {
  void *library;
  bool isMPICH;
  void *world, *byte, *errorsReturn;
  int (*start)(int *, char ***, int, int *);
  int (*end)(void);
  int (*version)(char *, int *);
  int (*words)(int, char *, int *);
  // Of these the types differ between the makers: each call names those of the one that is open.
  void *rank, *size, *setErrors, *send, *receive, *test, *probe, *count, *abort;
} mpi;

static const char *find(void) {
  struct {
    const char *name;
    void *place;
  } functions[] = {
    {"MPI_Init_thread", &mpi.start},
    {"MPI_Finalize", &mpi.end},
    {"MPI_Get_library_version", &mpi.version},
    {"MPI_Error_string", &mpi.words},
    {"MPI_Comm_rank", &mpi.rank},
    {"MPI_Comm_size", &mpi.size},
    {"MPI_Comm_set_errhandler", &mpi.setErrors},
    {"MPI_Isend", &mpi.send},
    {"MPI_Irecv", &mpi.receive},
    {"MPI_Test", &mpi.test},
    {"MPI_Iprobe", &mpi.probe},
    {"MPI_Get_count", &mpi.count},
    {"MPI_Abort", &mpi.abort},
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    void *function = dlsym(mpi.library, functions[i].name);
    if (!function) return "the library found is no MPI of version 3 or newer";
    *(void **)functions[i].place = function;
  }
  mpi.world = dlsym(mpi.library, "ompi_mpi_comm_world");
  mpi.byte = dlsym(mpi.library, "ompi_mpi_byte");
  mpi.errorsReturn = dlsym(mpi.library, "ompi_mpi_errors_return");
  mpi.isMPICH = !mpi.world;
  if (!mpi.isMPICH) return mpi.byte && mpi.errorsReturn ? NULL : "this Open MPI has other symbols than those known";
  // Every MPICH of the common ABI (MPICH 3.1, Intel MPI, MVAPICH2) has these numbers; others do not say MPICH.
  const char *version = twin_mpi_version();
  if (strstr(version, "MPICH") || strstr(version, "Intel") || strstr(version, "MVAPICH")) return NULL;
  return "the library found is neither Open MPI nor of MPICH's kind";
}

const char *twin_mpi_start(const char *name, bool prefersMPICH, int *rank, int *count) {
  static const char *const openMPI[] = {"libmpi.so.40", "libmpi.so.80"};
  static const char *const mpich[] = {"libmpich.so.12", "libmpi.so.12"};
  if (name) {
    // Its plugins look for its symbols among those of the process.
    mpi.library = dlopen(name, RTLD_NOW | RTLD_GLOBAL);
    if (!mpi.library) return "TWINBOOK_MPI names a library that cannot be opened";
  }
  for (int turn = 0; turn < 2 && !mpi.library; turn++) {
    const char *const *names = (turn == 0) == prefersMPICH ? mpich : openMPI;
    for (int i = 0; i < 2 && !mpi.library; i++) mpi.library = dlopen(names[i], RTLD_NOW | RTLD_GLOBAL);
  }
  if (!mpi.library) return "neither libmpi.so.40 (Open MPI) nor libmpich.so.12 (MPICH) is installed";
  const char *problem = find();
  if (problem) return problem;
  int provided = 0;
  if (mpi.start(NULL, NULL, threadSerialized, &provided)) return "MPI_Init_thread failed";
  if (mpi.isMPICH) {
    ((int (*)(int, int))mpi.setErrors)(mpichWorld, mpichErrorsReturn);
    ((int (*)(int, int *))mpi.rank)(mpichWorld, rank);
    ((int (*)(int, int *))mpi.size)(mpichWorld, count);
  } else {
    ((int (*)(void *, void *))mpi.setErrors)(mpi.world, mpi.errorsReturn);
    ((int (*)(void *, int *))mpi.rank)(mpi.world, rank);
    ((int (*)(void *, int *))mpi.size)(mpi.world, count);
  }
  return NULL;
}

const char *twin_mpi_version(void) {
  static char text[versionLength];
  int length = 0;
  if (!mpi.version || mpi.version(text, &length)) return "MPI";
  // MPICH's goes on with how it was built, Open MPI's with who did so.
  text[strcspn(text, "\n,")] = 0;
  for (char *at = text; *at; at++) {
    if (*at == '\t') *at = ' ';
  }
  return text;
}

int twin_mpi_send(const void *bytes, int count, int to, int tag, TwinMPIRequest *request) {
  if (mpi.isMPICH) {
    return ((int (*)(const void *, int, int, int, int, int, int *))mpi.send)(
      bytes, count, mpichByte, to, tag, mpichWorld, &request->number);
  }
  return ((int (*)(const void *, int, void *, int, int, void *, void **))mpi.send)(
    bytes, count, mpi.byte, to, tag, mpi.world, &request->pointer);
}

int twin_mpi_receive(void *bytes, int count, int from, int tag, TwinMPIRequest *request) {
  if (mpi.isMPICH) {
    return ((int (*)(void *, int, int, int, int, int, int *))mpi.receive)(
      bytes, count, mpichByte, from, tag, mpichWorld, &request->number);
  }
  return ((int (*)(void *, int, void *, int, int, void *, void **))mpi.receive)(
    bytes, count, mpi.byte, from, tag, mpi.world, &request->pointer);
}

int twin_mpi_is_done(TwinMPIRequest *request, bool *isDone) {
  int flag = 0;
  Status status;
  int error = mpi.isMPICH ? ((int (*)(int *, int *, Status *))mpi.test)(&request->number, &flag, &status)
                          : ((int (*)(void **, int *, Status *))mpi.test)(&request->pointer, &flag, &status);
  *isDone = flag != 0;
  return error;
}

int twin_mpi_waiting(int from, int tag, bool *isThere, int *count) {
  int flag = 0;
  Status status;
  memset(&status, 0, sizeof status);
  int error = mpi.isMPICH ? ((int (*)(int, int, int, int *, Status *))mpi.probe)(from, tag, mpichWorld, &flag, &status)
                          : ((int (*)(int, int, void *, int *, Status *))mpi.probe)(from, tag, mpi.world, &flag, &status);
  *isThere = !error && flag;
  *count = 0;
  if (error || !flag) return error;
  return mpi.isMPICH ? ((int (*)(const Status *, int, int *))mpi.count)(&status, mpichByte, count)
                     : ((int (*)(const Status *, void *, int *))mpi.count)(&status, mpi.byte, count);
}

const char *twin_mpi_words(int error) {
  static char text[errorLength];
  int length = 0;
  if (!mpi.words || mpi.words(error, text, &length)) return "an error without words";
  return text;
}

void twin_mpi_abort(int code) {
  if (mpi.isMPICH) {
    ((int (*)(int, int))mpi.abort)(mpichWorld, code);
  } else {
    ((int (*)(void *, int))mpi.abort)(mpi.world, code);
  }
  _Exit(code);
}

void twin_mpi_end(void) { mpi.end(); }

int twin_mpi_cores(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : INT_MAX;
}
