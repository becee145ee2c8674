#include "CSystem.h"
#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void twin_trim_memory(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
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
