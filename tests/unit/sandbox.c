#define _GNU_SOURCE /* nftw() */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <iconv.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/log.h"
#include "agent/sandbox.h"
#include "agent/store/store.h"
#include "conf/environment.h"

/* What is tried in the sandbox: 0, or errno. */
typedef int attempt_fn(void);

enum {
	LEFT_OUT = 255, /* the kernel or the build does not have it */
};

static char base[] = "/tmp/curlew-sandbox-XXXXXX";
static char path[256];

static const char *
in(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", base, name);
	return path;
}

static int
answer(long result)
{
	return result < 0 ? errno : 0;
}

static int
open_it(const char *name, int flags)
{
	int fd = open(name, flags | O_CLOEXEC, 0600);
	int error = answer(fd);
	if (fd >= 0)
		close(fd);
	return error;
}

/* What must fail. */

static int
runs_a_program(void)
{
	static char *const words[] = { NULL };
	return answer(execve("/bin/true", words, words));
}

static int
forks(void)
{
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	return answer(child);
}

static int
forks_in_the_new_way(void)
{
	return answer(syscall(SYS_clone3, NULL, 0));
}

static int
is_traced(void)
{
	return answer(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int
traces(void)
{
	return answer(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int
kills_another(void)
{
	return answer(kill(getppid(), 0));
}

static int
listens(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	return fd < 0 ? errno : answer(listen(fd, 1));
}

static int
sees_all_packets(void)
{
	return answer(socket(AF_PACKET, SOCK_RAW, 0));
}

static int
types_into_the_terminal(void)
{
	return answer(ioctl(STDIN_FILENO, TIOCSTI, "x"));
}

static int
may_be_dumped_again(void)
{
	return answer(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int
mounts(void)
{
	return answer(mount("none", "/mnt", "tmpfs", 0, NULL));
}

static int
calls_the_future(void)
{
	return answer(syscall(4000));
}

static int
reads_elsewhere(void)
{
	return open_it(in("elsewhere/secret"), O_RDONLY);
}

static int
writes_elsewhere(void)
{
	return open_it(in("elsewhere/new"), O_WRONLY | O_CREAT);
}

static int
writes_the_configuration(void)
{
	return open_it(in("config/config.yml"), O_WRONLY);
}

static int
writes_beside_the_configuration(void)
{
	return open_it(in("config/new.yml"), O_WRONLY | O_CREAT);
}

static int
writes_what_it_reads(void)
{
	return open_it(in("secrets/token"), O_WRONLY | O_TRUNC);
}

static int
removes_elsewhere(void)
{
	return answer(unlink(in("elsewhere/secret")));
}

static int
moves_out_of_the_state(void)
{
	char from[256];
	snprintf(from, sizeof(from), "%s", in("state/kept"));
	return answer(rename(from, in("elsewhere/kept")));
}

static int
makes_a_folder_in_the_state(void)
{
	return answer(syscall(SYS_mkdirat, AT_FDCWD, in("state/new"), 0700));
}

/* What must be possible. */

/* It is a link to another folder. */
static int
reads_the_configuration(void)
{
	return open_it(in("config/config.yml"), O_RDONLY);
}

static int
reads_another_that_took_its_place(void)
{
	return open_it(in("config/beside.yml"), O_RDONLY);
}

static int
reads_a_secret(void)
{
	return open_it(in("secrets/token"), O_RDONLY);
}

static int
watches_the_folder(void)
{
	int fd = inotify_init1(IN_CLOEXEC);
	if (fd < 0)
		return errno;
	return answer(inotify_add_watch(fd, in("config"), IN_CREATE));
}

static int
reads_what_aws_keeps(void)
{
	return open_it(in("home/.aws/credentials"), O_RDONLY);
}

static int
uses_the_store(void)
{
	struct err err;
	bool fresh;
	struct store *store = store_open(in("state/curlew.db"), &fresh, &err);
	bool good =
		store && store_begin(store, &err) && store_commit(store, &err);
	store_close(store);
	return good ? 0 : ENOTRECOVERABLE;
}

static int
removes_its_socket(void)
{
	return answer(unlink(in("run/curlew.sock")));
}

static int
looks_names_up(void)
{
	struct addrinfo *found = NULL;
	int error = getaddrinfo("localhost", "80", NULL, &found);
	if (error == 0)
		freeaddrinfo(found);
	return error == 0 ? 0 : ENOENT;
}

static int
knows_character_sets(void)
{
	iconv_t set = iconv_open("UTF-8", "EUC-KR"); /* a library is loaded */
	if ((intptr_t)set == -1)
		return errno;
	iconv_close(set);
	return 0;
}

static void *
wait_a_little(void *cookie)
{
	poll(NULL, 0, 1);
	return cookie;
}

static int
starts_threads(void)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, wait_a_little, NULL);
	return error ? error : pthread_join(thread, NULL);
}

static int
makes_memory_of_code(void)
{
	/* Patterns are compiled to it. */
	const void *memory =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? errno : 0;
}

static int
raises_a_signal(void)
{
	signal(SIGUSR1, SIG_IGN);
	return raise(SIGUSR1) == 0 ? 0 : errno;
}

static int
connects(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons(1);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		return errno;
	int error = answer(connect(fd, (void *)&to, sizeof(to)));
	return error == ECONNREFUSED ? 0 : error;
}

static const struct row {
	const char *what;
	attempt_fn *attempt;
	int error;
	unsigned needs; /* of enum sandbox_parts, for it to fail */
} rows[] = {
	{ "run a program", runs_a_program, EPERM, SANDBOX_CALLS },
	{ "fork", forks, EPERM, SANDBOX_CALLS },
	{ "fork in the new way", forks_in_the_new_way, ENOSYS, SANDBOX_CALLS },
	{ "be traced", is_traced, EPERM, SANDBOX_CALLS },
	{ "trace", traces, EPERM, SANDBOX_CALLS },
	{ "kill another", kills_another, EPERM, SANDBOX_CALLS },
	{ "listen", listens, EPERM, SANDBOX_CALLS },
	{ "see packets", sees_all_packets, EPERM, SANDBOX_CALLS },
	{ "type", types_into_the_terminal, EPERM, SANDBOX_CALLS },
	{ "be dumped", may_be_dumped_again, EPERM, SANDBOX_CALLS },
	{ "mount", mounts, EPERM, SANDBOX_CALLS },
	{ "call the future", calls_the_future, ENOSYS, SANDBOX_CALLS },
	{ "make a folder", makes_a_folder_in_the_state, EPERM, SANDBOX_CALLS },

	{ "read elsewhere", reads_elsewhere, EACCES, SANDBOX_PATHS },
	{ "write elsewhere", writes_elsewhere, EACCES, SANDBOX_PATHS },
	{ "write the configuration", writes_the_configuration, EACCES,
		SANDBOX_PATHS },
	{ "write beside it", writes_beside_the_configuration, EACCES,
		SANDBOX_PATHS },
	{ "write a secret", writes_what_it_reads, EACCES, SANDBOX_PATHS },
	{ "remove elsewhere", removes_elsewhere, EACCES, SANDBOX_PATHS },
	{ "move out of the state", moves_out_of_the_state, EACCES,
		SANDBOX_PATHS },

	{ "read the configuration", reads_the_configuration, 0, 0 },
	{ "read its successor", reads_another_that_took_its_place, 0, 0 },
	{ "read a secret", reads_a_secret, 0, 0 },
	{ "watch its folder", watches_the_folder, 0, 0 },
	{ "read what AWS keeps", reads_what_aws_keeps, 0, 0 },
	{ "use the store", uses_the_store, 0, 0 },
	{ "remove the socket", removes_its_socket, 0, 0 },
	{ "look names up", looks_names_up, 0, 0 },
	{ "know character sets", knows_character_sets, 0, 0 },
	{ "start threads", starts_threads, 0, 0 },
	{ "make code", makes_memory_of_code, 0, 0 },
	{ "raise a signal", raises_a_signal, 0, 0 },
	{ "connect", connects, 0, 0 },
};

static unsigned
enter(void)
{
	static char config[256], state[256], socket_path[256], secret[256];
	snprintf(config, sizeof(config), "%s", in("config/config.yml"));
	snprintf(state, sizeof(state), "%s", in("state/curlew.db"));
	snprintf(socket_path, sizeof(socket_path), "%s", in("run/curlew.sock"));
	snprintf(secret, sizeof(secret), "%s", in("secrets/token"));
	const char *const files[] = { secret, "/nowhere/at/all" };
	log_threshold(LOG_SILENT);
	setenv("HOME", in("home"), 1);
	return sandbox_enter(&(struct sandbox_settings){
		.config = config,
		.state = state,
		.socket = socket_path,
		.files = files,
		.n_files = 2,
	});
}

/* Each in a process of its own, which tells by its exit code. */
static int
try_it(const struct row *row)
{
	pid_t child = fork();
	if (child == 0) {
		unsigned parts = enter();
		if ((parts & row->needs) != row->needs)
			_exit(LEFT_OUT);
		_exit(row->attempt());
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
test_attempts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int error = try_it(&rows[i]);
		if (error == LEFT_OUT)
			print_message("left out: %s\n", rows[i].what);
		else if (error != rows[i].error)
			fail_msg("%s: %s, not %s", rows[i].what,
				strerror(error), strerror(rows[i].error));
	}
}

static void
test_a_refusal_names_the_sandbox(void **state)
{
	(void)state;
	pid_t child = fork();
	if (child == 0) {
		if (!(enter() & SANDBOX_PATHS))
			_exit(0);
		struct buf out;
		struct err err;
		char text[300];
		snprintf(text, sizeof(text), "${file:%s}",
			in("elsewhere/secret"));
		buf_init(&out, 1000);
		bool failed = conf_environment_fill(text, &out, &err)
			== CONF_FILL_FAILED;
		_exit(failed && strstr(err.text, "sandbox: false") ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
write_file(const char *name)
{
	int fd = open(in(name), O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0 && write(fd, "x", 1) == 1);
	close(fd);
}

static int
make_places(void **state)
{
	static const char *const folders[] = { "config", "real", "secrets",
		"state", "run", "elsewhere", "home", "home/.aws" };
	static const char *const files[] = { "real/config.yml",
		"config/beside.yml", "secrets/token", "state/kept",
		"run/curlew.sock", "elsewhere/secret",
		"home/.aws/credentials" };
	(void)state;
	if (!mkdtemp(base))
		return -1;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		assert_int_equal(mkdir(in(folders[i]), 0700), 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		write_file(files[i]);
	return symlink("../real/config.yml", in("config/config.yml"));
}

static int
on_left_over(
	const char *name, const struct stat *about, int kind, struct FTW *at)
{
	(void)about, (void)kind, (void)at;
	return remove(name);
}

static int
remove_places(void **state)
{
	(void)state;
	return nftw(base, on_left_over, 8, FTW_DEPTH | FTW_PHYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attempts),
		cmocka_unit_test(test_a_refusal_names_the_sandbox),
	};
	return cmocka_run_group_tests(tests, make_places, remove_places);
}
