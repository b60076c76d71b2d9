/*
 * seccomp: the system calls that the agent and its libraries make are allowed,
 * all others fail with EPERM.  They fail and do not kill: a newer libc that
 * tries something first must not end the agent.  Calls that are newer than this
 * list, and clone3(), whose flags a filter cannot see, fail with ENOSYS, which
 * makes libc fall back on what it did before.
 */
#define _GNU_SOURCE /* CLONE_THREAD */
#include "agent/sandbox_internal.h"

#include <assert.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#else
#define ARCHITECTURE 0 /* calls are other ones there; no filter */
#endif

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41 /* names memory, as malloc does */
#endif

enum {
	PROGRAM_MAX = 1024,
	VALUES_MAX = 6,
	LAST_KNOWN = SYS_landlock_restrict_self, /* of Linux 5.13 */
};

static const int allowed[] = {
	/* files */
	SYS_openat,
	SYS_openat2,
	SYS_close,
	SYS_close_range,
	SYS_read,
	SYS_readv,
	SYS_pread64,
	SYS_preadv,
	SYS_write,
	SYS_writev,
	SYS_pwrite64,
	SYS_pwritev,
	SYS_lseek,
	SYS_fstat,
	SYS_newfstatat,
	SYS_statx,
	SYS_statfs,
	SYS_fstatfs,
	SYS_faccessat,
	SYS_faccessat2,
	SYS_readlinkat,
	SYS_getdents64,
	SYS_getcwd,
	SYS_fcntl,
	SYS_flock,
	SYS_dup,
	SYS_dup3,
	SYS_fsync,
	SYS_fdatasync,
	SYS_ftruncate,
	SYS_fallocate,
	SYS_fadvise64,
	SYS_fchmod,
	SYS_fchown,
	SYS_unlinkat,
	SYS_renameat2,
	SYS_inotify_init1,
	SYS_inotify_add_watch,
	SYS_inotify_rm_watch,
	SYS_memfd_create,

	/* sockets; socket() is below, listen() is not there */
	SYS_socketpair,
	SYS_connect,
	SYS_bind,
	SYS_accept,
	SYS_accept4,
	SYS_sendto,
	SYS_sendmsg,
	SYS_sendmmsg,
	SYS_recvfrom,
	SYS_recvmsg,
	SYS_recvmmsg,
	SYS_shutdown,
	SYS_getsockname,
	SYS_getpeername,
	SYS_getsockopt,
	SYS_setsockopt,
	SYS_sendfile,

	/* waiting */
	SYS_ppoll,
	SYS_pselect6,
	SYS_epoll_create1,
	SYS_epoll_ctl,
	SYS_epoll_pwait,
	SYS_epoll_pwait2,
	SYS_eventfd2,
	SYS_signalfd4,
	SYS_timerfd_create,
	SYS_timerfd_settime,
	SYS_timerfd_gettime,
	SYS_pipe2,
	SYS_nanosleep,
	SYS_clock_nanosleep,
	SYS_restart_syscall,

	/* memory */
	SYS_brk,
	SYS_mmap,
	SYS_munmap,
	SYS_mremap,
	SYS_mprotect,
	SYS_madvise,
	SYS_msync,
	SYS_mincore,
	SYS_membarrier,

	/* threads and signals; clone() and kill() are below */
	SYS_futex,
	SYS_set_robust_list,
	SYS_get_robust_list,
	SYS_rseq,
	SYS_set_tid_address,
	SYS_exit,
	SYS_exit_group,
	SYS_gettid,
	SYS_getpid,
	SYS_getppid,
	SYS_sched_yield,
	SYS_sched_getaffinity,
	SYS_sched_getparam,
	SYS_sched_getscheduler,
	SYS_getcpu,
	SYS_sigaltstack,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_rt_sigpending,
	SYS_rt_sigsuspend,
	SYS_rt_sigtimedwait,

	/* questions */
	SYS_getuid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
	SYS_getresuid,
	SYS_getresgid,
	SYS_getgroups,
	SYS_getrandom,
	SYS_getrlimit,
	SYS_prlimit64,
	SYS_getrusage,
	SYS_times,
	SYS_sysinfo,
	SYS_uname,
	SYS_clock_gettime,
	SYS_clock_getres,
	SYS_gettimeofday,

/* The same in older words, of which only some processors know. */
#ifdef SYS_open
	SYS_open,
	SYS_stat,
	SYS_lstat,
	SYS_access,
	SYS_readlink,
	SYS_unlink,
	SYS_rename,
	SYS_dup2,
	SYS_poll,
	SYS_select,
	SYS_epoll_wait,
	SYS_epoll_create,
	SYS_eventfd,
	SYS_signalfd,
	SYS_inotify_init,
	SYS_pipe,
	SYS_getdents,
	SYS_time,
	SYS_arch_prctl,
#endif
#ifdef SYS_renameat
	SYS_renameat,
#endif
#ifdef SYS_riscv_flush_icache
	SYS_riscv_flush_icache,
#endif
};

/* Allowed with these values of one argument, of which 32 bits count. */
struct rule {
	int call;
	unsigned argument;
	bool is_bit; /* with this bit, and whatever besides */
	uint32_t values[VALUES_MAX]; /* 0 ends them, and is none of them */
};

static const struct rule rules[] = {
	{ SYS_clone, 0, true, { CLONE_THREAD } },
	{ SYS_socket, 0, false, { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK } },
	{ SYS_ioctl, 1, false,
		{ FIONBIO, FIONREAD, FIOCLEX, TCGETS, TIOCGWINSZ } },
	{ SYS_prctl, 0, false,
		{ PR_SET_NAME, PR_GET_NAME, PR_SET_VMA, PR_GET_DUMPABLE } },
};

/* Signals to itself, as abort() sends. */
static const int signals[] = { SYS_kill, SYS_tgkill };

struct program {
	struct sock_filter code[PROGRAM_MAX];
	unsigned short len;
};

static void
add(struct program *program, unsigned code, uint32_t value, unsigned if_true,
	unsigned if_false)
{
	assert(program->len < PROGRAM_MAX);
	program->code[program->len++] = (struct sock_filter){
		.code = (uint16_t)code,
		.k = value,
		.jt = (uint8_t)if_true,
		.jf = (uint8_t)if_false,
	};
}

static void
add_load(struct program *program, size_t offset)
{
	add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void
add_answer(struct program *program, uint32_t answer)
{
	add(program, BPF_RET | BPF_K, answer, 0, 0);
}

static uint32_t
failing(int error)
{
	return SECCOMP_RET_ERRNO | ((uint32_t)error & SECCOMP_RET_DATA);
}

/* The call is in the accumulator. */
static void
add_call(struct program *program, int call, uint32_t answer)
{
	add(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1);
	add_answer(program, answer);
}

static void
add_rule(struct program *program, const struct rule *rule)
{
	unsigned short begin = program->len;
	add(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)rule->call, 0, 0);
	add_load(program,
		offsetof(struct seccomp_data, args)
			+ rule->argument * sizeof(uint64_t));
	for (size_t i = 0; i < VALUES_MAX && rule->values[i] != 0; i++) {
		unsigned test = rule->is_bit ? BPF_JSET : BPF_JEQ;
		add(program, BPF_JMP | test | BPF_K, rule->values[i], 0, 1);
		add_answer(program, SECCOMP_RET_ALLOW);
	}
	add_answer(program, failing(EPERM));
	/* What is another call goes on here. */
	program->code[begin].jf = (uint8_t)(program->len - begin - 1);
}

static void
write_program(struct program *program)
{
	add_load(program, offsetof(struct seccomp_data, arch));
	add(program, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
	add_answer(program, failing(ENOSYS));
	add_load(program, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		add_call(program, allowed[i], SECCOMP_RET_ALLOW);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		add_rule(program, &rules[i]);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct rule rule = { signals[i], 0, false,
			{ (uint32_t)getpid() } };
		add_rule(program, &rule);
	}
	add_call(program, SYS_clone3, failing(ENOSYS));
	add(program, BPF_JMP | BPF_JGT | BPF_K, LAST_KNOWN, 0, 1);
	add_answer(program, failing(ENOSYS));
	add_answer(program, failing(EPERM));
}

bool
sandbox_limit_calls(struct err *err)
{
	if (ARCHITECTURE == 0)
		return err_set(err, "there is no list for this processor");
	static struct program program;
	program.len = 0;
	write_program(&program);
	struct sock_fprog filter = {
		.len = program.len,
		.filter = program.code,
	};
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0)
		return true;
	return err_set(
		err, "this kernel has no seccomp filters: %s", strerror(errno));
}
