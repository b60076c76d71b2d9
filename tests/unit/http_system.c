/* Names as the system looks them up: threads that wait, and a loop that never
 * does. */
#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <ev.h>

#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/http/resolver.h"
#include "agent/http/resolver_system.h"

static struct ev_loop *loop;
static unsigned turns, answers;
static size_t threads_before;
static struct note {
	enum resolver_outcome outcome;
	char first[RESOLVER_ADDRESS_SIZE];
} notes[64];

static void
on_found(void *cookie, enum resolver_outcome outcome,
	const struct resolver_answer *found, const char *text)
{
	struct note *note = cookie;
	assert_non_null(text);
	note->outcome = outcome;
	str_copy(note->first, RESOLVER_ADDRESS_SIZE,
		found->n > 0 ? found->addresses[0] : "");
	answers++;
}

static void
on_turn(void *self)
{
	assert_ptr_equal(self, &turns);
	turns++;
}

static struct resolver_owner owner = {
	.found = on_found,
	.turn = on_turn,
	.self = &turns,
};

static struct resolver_system *
start(resolver_system_fn *how)
{
	struct err err;
	owner.loop = loop;
	struct resolver_system *system = resolver_system_new(&owner, how, &err);
	assert_non_null(system);
	return system;
}

static void
ask(struct resolver_system *system, const char *name, size_t i)
{
	resolver_system_ask(system, name, AF_UNSPEC, &notes[i]);
}

static void
wait_for(unsigned n)
{
	while (answers < n)
		ev_run(loop, EVRUN_ONCE);
}

/* "2:ECONNREFUSED" and so on: what to say. */
static int
say(const char *name, const char *service, const struct addrinfo *hints,
	struct addrinfo **found)
{
	(void)service;
	(void)hints;
	static const struct {
		const char *name;
		int error, os_error;
	} rows[] = {
		{ "nx", EAI_NONAME, 0 },
		{ "refused", EAI_AGAIN, ECONNREFUSED },
		{ "servfail", EAI_AGAIN, ETIMEDOUT },
		{ "failed", EAI_FAIL, 0 },
		{ "memory", EAI_MEMORY, 0 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, name) != 0)
			continue;
		errno = rows[i].os_error;
		return rows[i].error;
	}
	return getaddrinfo("127.0.0.9", NULL, NULL, found);
}

static void
test_what_it_means(void **unused)
{
	(void)unused;
	static const struct {
		const char *name;
		enum resolver_outcome outcome;
	} rows[] = {
		{ "fine", RESOLVER_FOUND },
		{ "nx", RESOLVER_NO_SUCH_NAME },
		{ "refused", RESOLVER_REFUSED },
		{ "servfail", RESOLVER_FAILED },
		{ "failed", RESOLVER_FAILED },
		{ "memory", RESOLVER_FAILED },
	};
	enum { N = sizeof(rows) / sizeof(rows[0]) };
	struct resolver_system *system = start(say);
	for (size_t i = 0; i < N; i++)
		ask(system, rows[i].name, i);
	assert_int_equal(answers, 0);
	wait_for(N);
	for (size_t i = 0; i < N; i++)
		if (notes[i].outcome != rows[i].outcome)
			fail_msg("%s: %d", rows[i].name, (int)notes[i].outcome);
	assert_string_equal(notes[0].first, "127.0.0.9");
	assert_true(turns > 0);
	resolver_system_free(system);
}

static int gate[2];

/* Until the gate is closed. */
static int
hang(const char *name, const char *service, const struct addrinfo *hints,
	struct addrinfo **found)
{
	char byte;
	(void)service;
	(void)hints;
	if (strcmp(name, "hangs") == 0)
		while (read(gate[0], &byte, 1) < 0)
			;
	return getaddrinfo("127.0.0.9", NULL, NULL, found);
}

static void
test_others_go_on(void **unused)
{
	(void)unused;
	assert_int_equal(pipe(gate), 0);
	struct resolver_system *system = start(hang);
	for (size_t i = 0; i < RESOLVER_SYSTEM_THREADS - 1; i++)
		ask(system, "hangs", 10);
	for (size_t i = 0; i < 5; i++) {
		ask(system, "fine", i);
		wait_for((unsigned)i + 1);
		assert_string_equal(notes[i].first, "127.0.0.9");
	}
	close(gate[1]);
	wait_for(5 + RESOLVER_SYSTEM_THREADS - 1);
	resolver_system_free(system);
	close(gate[0]);
}

/* What hangs is left to itself; what waited for it is dropped. */
static void
test_freed_while_all_hang(void **unused)
{
	(void)unused;
	assert_int_equal(pipe(gate), 0);
	struct resolver_system *system = start(hang);
	for (size_t i = 0; i < RESOLVER_SYSTEM_THREADS + 5; i++)
		ask(system, "hangs", i);
	resolver_system_free(system);
	close(gate[1]);
	ev_run(loop, 0); /* nothing of it stays there */
	assert_int_equal(answers, 0);
	resolver_system_free(NULL);
}

static void
on_answer(void *cookie, const struct resolver_answer *answer)
{
	struct resolver_answer *kept = cookie;
	*kept = *answer;
	answers++;
}

static void
test_by_the_resolver(void **unused)
{
	(void)unused;
	struct err err;
	struct resolver_settings settings = { .system = true };
	struct resolver *resolver = resolver_new(loop, &err);
	struct resolver_answer answer;
	assert_non_null(resolver);
	assert_true(resolver_configure(resolver, &settings, &err));
	resolver_ask(resolver, "localhost", RESOLVER_V4, on_answer, &answer);
	wait_for(1);
	assert_int_equal(answer.fail, RESOLVER_FAIL_NONE);
	assert_string_equal(answer.addresses[0], "127.0.0.1");

	/* From one to the other and back, amid a look-up. */
	settings.system = false;
	resolver_ask(resolver, "localhost", RESOLVER_V4, on_answer, &answer);
	assert_true(resolver_configure(resolver, &settings, &err));
	wait_for(2);
	assert_string_equal(answer.addresses[0], "127.0.0.1");
	settings.system = true;
	resolver_ask(resolver, "localhost", RESOLVER_V4, on_answer, &answer);
	assert_true(resolver_configure(resolver, &settings, &err));
	wait_for(3);
	resolver_ask(resolver, "localhost", RESOLVER_V4, on_answer, &answer);
	resolver_free(resolver);
	assert_int_equal(answers, 3);
}

static size_t
count_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	assert_non_null(tasks);
	size_t n = 0;
	while (readdir(tasks))
		n++;
	closedir(tasks);
	return n;
}

/* Threads that are left to themselves end on their own; a program that ends
 * before them looks as if it had lost what they hold. */
static void
wait_for_threads(void)
{
	while (count_threads() > threads_before)
		sched_yield();
}

static int
open_loop(void **unused)
{
	(void)unused;
	loop = ev_loop_new(EVFLAG_AUTO);
	turns = answers = 0;
	threads_before = count_threads();
	return 0;
}

static int
close_loop(void **unused)
{
	(void)unused;
	wait_for_threads();
	ev_run(loop, 0); /* with a watcher left over this would not return */
	ev_loop_destroy(loop);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_what_it_means, open_loop, close_loop),
		cmocka_unit_test_setup_teardown(
			test_others_go_on, open_loop, close_loop),
		cmocka_unit_test_setup_teardown(
			test_freed_while_all_hang, open_loop, close_loop),
		cmocka_unit_test_setup_teardown(
			test_by_the_resolver, open_loop, close_loop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
