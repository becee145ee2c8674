#define _GNU_SOURCE
#include "CSystem.h"
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <sys/resource.h>
#include <sys/socket.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

bool twin_can_allocate(unsigned long bytes) {
  // Volatile: a compiler may else take a block that nobody uses for granted, and leave the question out.
  void *volatile probe = malloc(bytes);
  if (!probe) return false;
  free(probe);
  return true;
}

void twin_trim_memory(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

// The runtime's own; no header of Swift's declares it.
extern size_t swift_retainCount(void *object);

unsigned long twin_references(void *object) { return swift_retainCount(object); }

void twin_keep_memory(void) {
#if defined(__GLIBC__)
  if (twin_memory_limit(false) > 0 || twin_memory_limit(true) > 0) {
    // Where addresses are limited, every larger block has pages of its own, which it gives back when it is freed: a small
    // block behind it would keep a heap's addresses. Each arena reserves 64 MB, whatever it holds: few of them.
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    mallopt(M_TRIM_THRESHOLD, 128 << 10);
    mallopt(M_ARENA_MAX, 2);
    return;
  }
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

void twin_reserve_heap(void) {
#if defined(__GLIBC__)
  if (twin_memory_limit(false) > 0 || twin_memory_limit(true) > 0) return;
  // A thread that is not the first has a heap that grows by single pages, each of them a call of the system, up to the
  // size that it has once had. No page of it is touched.
  void *volatile block = malloc(24 << 20);
  free(block);
#endif
}

int twin_kernels_available(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return twin_kernels_portable;
  bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd")
              && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return wide ? twin_kernels_avx512 : twin_kernels_avx2;
#else
  return twin_kernels_portable;
#endif
}

int twin_kernels_chosen = twin_kernels_portable;
static const char *refused = NULL;

// Before main, so that asking costs one load in the innermost loops: a constant that Swift makes when it is first asked
// costs two calls each time.
__attribute__((constructor)) static void choose_kernels(void) {
  static const char *const names[] = {"portable", "avx2", "avx512"};
  const char *wanted = getenv("TWINBOOK_KERNELS");
  int available = twin_kernels_available();
  twin_kernels_chosen = available;
  if (!wanted || !wanted[0]) return;
  for (int set = 0; set <= available; set++) {
    if (strcmp(wanted, names[set]) == 0) {
      twin_kernels_chosen = set;
      return;
    }
  }
  refused = wanted;
}

const char *twin_refused_kernels(void) { return refused; }

long twin_raise_open_files(long wanted) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
  if (limit.rlim_cur != RLIM_INFINITY && (long)limit.rlim_cur < wanted) {
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || (long)limit.rlim_max > wanted ? (rlim_t)wanted : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return (long)before;
  }
  return (long)limit.rlim_cur;
}

long long twin_memory_limit(bool data) {
  struct rlimit limit;
  if (getrlimit(data ? RLIMIT_DATA : RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 0;
  return limit.rlim_cur > (rlim_t)1 << 60 ? 0 : (long long)limit.rlim_cur;
}

int twin_accept(int listener) {
#if defined(__linux__)
  return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
#else
  int file = accept(listener, NULL, NULL);
  if (file >= 0) fcntl(file, F_SETFD, FD_CLOEXEC);
  return file;
#endif
}
