#pragma once
#include <stdbool.h>
#include <stddef.h>

/// Walls that the kernel itself keeps around this process and what it starts. Each call counts for the calling thread and
/// the threads and programs that come from it afterwards, and cannot be taken back.

/// Landlock's version; 0 where the kernel has none.
int twin_landlock_version(void);

/// From now on files can be read and run below `programs`, read below `readable`, and read, made, changed and removed below
/// `writable`; no port of TCP can be connected to or listened at (from version 4 on). Paths that are not there are left out.
/// - Returns: 0, or errno's.
int twin_landlock_restrict(
  const char *const *programs, size_t programCount, const char *const *readable, size_t readableCount,
  const char *const *writable, size_t writableCount);

/// From now on no socket can be made, no other process looked into, no file system mounted, no program loaded into the
/// kernel: such calls fail with EACCES.
/// - Parameter everywhere: for all threads of the process, those too that run already.
/// - Returns: 0, or errno's.
int twin_seccomp_restrict(bool everywhere);
