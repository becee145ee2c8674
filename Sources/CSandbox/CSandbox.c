#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// By hand, from the kernel's own description: the headers of an older Debian know only the first of these versions, and a
// program that is built there may run on a newer kernel.
#define CREATE_RULESET 444
#define ADD_RULE 445
#define RESTRICT_SELF 446

struct RulesetAttributes {
  uint64_t files;
  uint64_t ports;
  uint64_t scopes;
};

struct __attribute__((packed)) BeneathAttributes {
  uint64_t allowed;
  int32_t parent;
};

enum {
  mayExecute = 1 << 0,
  mayWriteFile = 1 << 1,
  mayReadFile = 1 << 2,
  mayReadFolder = 1 << 3,
  allOfFirst = (1 << 13) - 1,
  mayRefer = 1 << 13,
  mayTruncate = 1 << 14,
};

int twin_landlock_version(void) {
  long version = syscall(CREATE_RULESET, NULL, 0, 1);
  return version < 0 ? 0 : (int)version;
}

/// What is not there needs no rule.
static int allow(int ruleset, const char *path, uint64_t rights) {
  int file = open(path, O_PATH | O_CLOEXEC);
  if (file < 0) return errno == ENOENT || errno == EACCES || errno == ENOTDIR ? 0 : errno;
  struct stat status;
  // Rights that only a folder can have are refused for a file.
  if (fstat(file, &status) == 0 && !S_ISDIR(status.st_mode)) {
    rights &= mayExecute | mayWriteFile | mayReadFile | mayTruncate;
  }
  struct BeneathAttributes rule = {rights, file};
  int failure = syscall(ADD_RULE, ruleset, 1, &rule, 0) == 0 ? 0 : errno;
  close(file);
  return failure;
}

int twin_landlock_restrict(
  const char *const *programs, size_t programCount, const char *const *readable, size_t readableCount,
  const char *const *writable, size_t writableCount)
{
  int version = twin_landlock_version();
  if (version < 1) return ENOSYS;
  struct RulesetAttributes attributes = {allOfFirst, 0, 0};
  if (version >= 2) attributes.files |= mayRefer;
  if (version >= 3) attributes.files |= mayTruncate;
  // To bind and to connect.
  if (version >= 4) attributes.ports = 3;
  // Sockets without a place in the file system, and signals, stay inside.
  if (version >= 6) attributes.scopes = 3;
  size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
  int ruleset = (int)syscall(CREATE_RULESET, &attributes, size, 0);
  if (ruleset < 0) return errno;
  uint64_t read = mayReadFile | mayReadFolder;
  int failure = 0;
  for (size_t i = 0; i < programCount && !failure; i++) failure = allow(ruleset, programs[i], read | mayExecute);
  for (size_t i = 0; i < readableCount && !failure; i++) failure = allow(ruleset, readable[i], read);
  // Devices, pipes and sockets (bits 6, 9, 10 and 11) are made nowhere.
  uint64_t all = attributes.files & ~(uint64_t)(mayExecute | 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11);
  for (size_t i = 0; i < writableCount && !failure; i++) failure = allow(ruleset, writable[i], all);
  // Whoever cannot get new rights may restrict itself.
  if (!failure && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) failure = errno;
  if (!failure && syscall(RESTRICT_SELF, ruleset, 0) != 0) failure = errno;
  close(ruleset);
  return failure;
}

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#endif

#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000U
#endif

#define FAIL (SECCOMP_RET_ERRNO | (EACCES & SECCOMP_RET_DATA))
#define REFUSE(number) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), BPF_STMT(BPF_RET | BPF_K, FAIL)

int twin_seccomp_restrict(bool everywhere) {
#ifdef MACHINE
  // The numbers that have one name on all processors, and those that are newer than the headers may be.
  struct sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef __x86_64__
    // The same calls under other numbers (x32).
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, FAIL),
#endif
    REFUSE(SYS_socket),
    REFUSE(SYS_ptrace),
    REFUSE(SYS_process_vm_readv),
    REFUSE(SYS_process_vm_writev),
    REFUSE(SYS_kcmp),
    REFUSE(SYS_bpf),
    REFUSE(SYS_perf_event_open),
    REFUSE(SYS_userfaultfd),
    REFUSE(SYS_mount),
    REFUSE(SYS_umount2),
    REFUSE(SYS_pivot_root),
    REFUSE(SYS_chroot),
    REFUSE(SYS_swapon),
    REFUSE(SYS_swapoff),
    REFUSE(SYS_reboot),
    REFUSE(SYS_kexec_load),
    REFUSE(SYS_init_module),
    REFUSE(SYS_finit_module),
    REFUSE(SYS_delete_module),
    REFUSE(SYS_unshare),
    REFUSE(SYS_setns),
    REFUSE(SYS_add_key),
    REFUSE(SYS_request_key),
    REFUSE(SYS_keyctl),
    REFUSE(SYS_mknodat),
    REFUSE(SYS_open_by_handle_at),
    // io_uring_setup, pidfd_getfd, open_tree, move_mount, fsopen: a ring makes sockets without the call above.
    REFUSE(425),
    REFUSE(438),
    REFUSE(428),
    REFUSE(429),
    REFUSE(430),
    // Of what is asked of devices: to type into the terminal (TIOCSTI), and to paste there (TIOCLINUX). What is typed there
    // while a script runs, a shell takes for its user's commands once it is over.
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 5),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
    REFUSE(0x5412),
    REFUSE(0x541C),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  long result =
    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, everywhere ? SECCOMP_FILTER_FLAG_TSYNC : 0, &program);
  return result == 0 ? 0 : result > 0 ? EBUSY : errno;
#else
  (void)everywhere;
  return ENOSYS;
#endif
}
