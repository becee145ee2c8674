#include "CSystem.h"
#include <stddef.h>
#include <stdlib.h>

#include <sys/resource.h>
#include <sys/socket.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#if defined(__linux__)
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#endif

void twin_trim_memory(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

void twin_keep_memory(void) {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

bool twin_cpu_has_avx2_fma(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

bool twin_avx2_chosen = false;

// Before main, so that asking costs one load in the innermost loops: a constant that Swift makes when it is first asked
// costs two calls each time.
__attribute__((constructor)) static void choose_kernels(void) {
  const char *portable = getenv("TWINBOOK_PORTABLE");
  twin_avx2_chosen = !(portable && portable[0] == '1') && twin_cpu_has_avx2_fma();
}

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

long long twin_tcp_consumed(int descriptor) {
#if defined(__linux__) && defined(FIONREAD)
  struct tcp_info info;
  socklen_t length = sizeof info;
  int unread = 0;
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return -1;
  if (length < offsetof(struct tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received) return -1;
  if (ioctl(descriptor, FIONREAD, &unread) != 0) return -1;
  return (long long)info.tcpi_bytes_received - unread;
#else
  (void)descriptor;
  return -1;
#endif
}

void twin_tcp_disconnect(int descriptor) {
#if defined(__linux__)
  // connect(2): a protocol that keeps a connection dissolves it for an address of no family.
  struct sockaddr none = {.sa_family = AF_UNSPEC};
  if (connect(descriptor, &none, sizeof none) == 0) return;
#endif
  shutdown(descriptor, SHUT_RDWR);
}
