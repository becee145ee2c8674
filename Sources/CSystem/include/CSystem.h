#pragma once
#include <stdbool.h>
/// The sets of kernels, from that for every processor to that for the newest.
enum { twin_kernels_portable = 0, twin_kernels_avx2 = 1, twin_kernels_avx512 = 2 };
/// The last set that processor and operating system can run.
int twin_kernels_available(void);
/// The set that runs: chosen as the program starts, by the processor and TWINBOOK_KERNELS.
extern int twin_kernels_chosen;
static inline int twin_kernels(void) { return twin_kernels_chosen; }
/// What TWINBOOK_KERNELS asks for and cannot be had, as it was written; NULL where all is well.
const char *_Nullable twin_refused_kernels(void);
/// Tells the processor that this thread waits for another.
static inline void twin_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
/// Whether the allocator can give so many bytes in one piece now.
bool twin_can_allocate(unsigned long bytes);
/// Gives memory that was freed back to the system, where the allocator can.
void twin_trim_memory(void);
/// Lets the allocator use again what was freed, up to 256 MB, where it would give blocks of megabytes back at once: a
/// batch's tensors would otherwise be fresh pages, faulted in anew, at every step.
void twin_keep_memory(void);
/// Gives the heap of the thread that calls room to grow into, of which no page is touched.
void twin_reserve_heap(void);
/// Swift's own, which no header of Swift's declares: what its compiler calls where `-assume-single-threaded` is given. They
/// count a reference without an atomic instruction, so that no other thread may count one of the same object meanwhile.
void *_Nonnull swift_nonatomic_retain(void *_Nonnull object);
void swift_nonatomic_release(void *_Nonnull object);
static inline void twin_retain(void *_Nonnull object) { swift_nonatomic_retain(object); }
static inline void twin_release(void *_Nonnull object) { swift_nonatomic_release(object); }
/// How many strong references an object of Swift has.
unsigned long twin_references(void *_Nonnull object);
/// Raises the number of files and connections that may be open at once, where that is allowed; the number as it is then.
long twin_raise_open_files(long wanted);
/// A connection that waits at a listening socket, not handed on to programs that are started; -1 where there is none.
int twin_accept(int listener);
/// What `ulimit -v` (or -d) lets this process have, in bytes; 0 where nothing is said.
long long twin_memory_limit(bool data);
