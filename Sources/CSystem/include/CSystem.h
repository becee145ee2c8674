#pragma once
#include <stdbool.h>
/// What this processor can do.
bool twin_cpu_has_avx2_fma(void);
/// Whether the fast kernels run: chosen as the program starts, by the processor and TWINBOOK_PORTABLE.
extern bool twin_avx2_chosen;
static inline bool twin_uses_avx2(void) { return twin_avx2_chosen; }
/// Gives memory that was freed back to the system, where the allocator can.
void twin_trim_memory(void);
/// Lets the allocator use again what was freed, up to 256 MB, where it would give blocks of megabytes back at once: a
/// batch's tensors would otherwise be fresh pages, faulted in anew, at every step.
void twin_keep_memory(void);
/// Raises the number of files and connections that may be open at once, where that is allowed; the number as it is then.
long twin_raise_open_files(long wanted);
/// Bytes that this process has taken from a TCP connection; -1 where that is not known.
long long twin_tcp_consumed(int descriptor);
/// Ends a TCP connection at once, and forgets what came and was not read; the descriptor stays its owner's.
void twin_tcp_disconnect(int descriptor);
