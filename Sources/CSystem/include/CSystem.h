#pragma once
#include <stdbool.h>
/// What this processor can do; asked once, so that the fast kernels are chosen at run time.
bool twin_cpu_has_avx2_fma(void);
/// Gives memory that was freed back to the system, where the allocator can.
void twin_trim_memory(void);
