/*
 * Who is reminded of what lasts, and when: a problem of another monitor, hours
 * of it, restarts, and clocks that jump.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/external_internal.h"
#include "agent/ledger.h"
#include "agent/monitor.h"
#include "agent/orders.h"
#include "agent/reminders.h"
#include "conf/conf.h"
#include "conf/inbound.h"
#include "conf/reminder.h"
#include "tests/support/outbox_kit.h"

#define NAME "src/shop"

struct scene {
	struct conf conf;
	struct conf_inbound source;
	struct conf_reminder rule;
	struct orders *orders;
	struct externals *externals;
	struct monitors *monitors;
	struct reminders *reminders;
	const struct reporter *reporter;
	size_t answered;
	size_t before; /* reminders of former processes */
	int64_t started_ms; /* as the other monitor says; 0: it does not */
};

static void
begin(struct scene *scene)
{
	struct err err;
	scene->orders = orders_new(f.store, f.ledger);
	scene->monitors = monitors_new(&(struct monitors_settings){
		.store = f.store,
		.ledger = f.ledger,
		.rng = &f.rng,
		.orders = scene->orders,
	});
	scene->externals = externals_new(&(struct external_settings){
		.store = f.store,
		.ledger = f.ledger,
		.rng = &f.rng,
		.outbox = f.outbox,
		.orders = scene->orders,
	});
	if (!orders_load(scene->orders, &err)
		|| !externals_load(scene->externals, &err))
		fail_msg("%s", err.text);
	externals_set_scope(
		scene->externals, &scene->conf, &scene->reporter, 1, f.now);
	scene->reminders = reminders_new(&(struct reminders_settings){
		.outbox = f.outbox,
		.monitors = scene->monitors,
		.externals = scene->externals,
		.orders = scene->orders,
	});
	reminders_set_scope(scene->reminders, &scene->conf);
}

static void
end(struct scene *scene)
{
	reminders_free(scene->reminders);
	externals_free(scene->externals);
	monitors_free(scene->monitors);
	orders_free(scene->orders);
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	outbox_kit_set_up(NULL);
	scene->reporter = outbox_kit_reporter();
	scene->source = (struct conf_inbound){ .name = "src" };
	scene->rule = (struct conf_reminder){
		.after_ms = 30 * MINUTE,
		.up_to_ms = 24 * HOUR,
	};
	scene->conf.inbound = (struct conf_list){ &scene->source, 1 };
	scene->conf.reminders = (struct conf_list){ &scene->rule, 1 };
	begin(scene);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;
	end(scene);
	outbox_kit_tear_down(NULL);
	free(scene);
	return 0;
}

static size_t
count(void)
{
	size_t n = 0;
	for (size_t i = 0; i < f.n_calls; i++)
		n += str_starts(f.calls[i].text, "reminder " NAME);
	return n;
}

static size_t
reminded(const struct scene *scene)
{
	return scene->before + count();
}

static void
restart(struct scene *scene)
{
	scene->before += count();
	scene->answered = 0;
	ledger_turn(f.ledger, f.now);
	end(scene);
	outbox_kit_restart();
	begin(scene);
}

static void
say(struct scene *scene, enum problem_state state)
{
	const struct problem said = {
		.state = state,
		.subject = "shop",
		.identity = "key",
		.delivery = "",
		.status = STATUS_MAJOR_OUTAGE,
		.severity = "",
		.title = "title",
		.text = "",
		.link = "",
		.service = "",
		.category = "",
		.account = "",
		.region = "",
		.started_ms = scene->started_ms,
	};
	externals_take(scene->externals, &scene->source, &said, 1, f.now);
}

static void
order(struct scene *scene, enum store_order_kind kind, const char *name)
{
	orders_put(scene->orders,
		&(struct store_order){ .kind = kind,
			.name = name,
			.endpoint = "",
			.who = "" });
}

static void
answer_all(struct scene *scene, int status)
{
	outbox_kit_turn();
	while (scene->answered < f.n_calls) {
		outbox_kit_answer(scene->answered++, status);
		outbox_kit_turn();
	}
}

/* Minute by minute, as time goes. */
static void
pass(struct scene *scene, int64_t ms)
{
	for (; ms > 0; ms -= MINUTE) {
		outbox_kit_wait(MINUTE);
		reminders_turn(scene->reminders, f.now);
		answer_all(scene, 200);
	}
}

static const char *
incident_of(const struct scene *scene)
{
	struct external_subject subject;
	assert_true(externals_named(scene->externals, NAME, &subject));
	return subject.incident;
}

static void
break_down(struct scene *scene)
{
	say(scene, PROBLEM_DOWN);
	answer_all(scene, 200);
	assert_int_equal(f.n_calls, 1);
}

static void
test_the_interval_grows(void **state)
{
	struct scene *scene = *state;
	break_down(scene);
	pass(scene, 29 * MINUTE);
	assert_int_equal(reminded(scene), 0);
	pass(scene, MINUTE);
	assert_int_equal(reminded(scene), 1);
	pass(scene, 59 * MINUTE);
	assert_int_equal(reminded(scene), 1);
	pass(scene, MINUTE);
	assert_int_equal(reminded(scene), 2);
	pass(scene, 120 * MINUTE);
	assert_int_equal(reminded(scene), 3);
	say(scene, PROBLEM_UP);
	pass(scene, 24 * HOUR);
	assert_int_equal(reminded(scene), 3);
}

/* It began long before we heard of it. */
static void
test_what_is_heard_of_late_is_not_reminded_at_once(void **state)
{
	struct scene *scene = *state;
	scene->started_ms = f.now.wall_ms - 7 * HOUR;
	break_down(scene);
	pass(scene, 20 * MINUTE);
	assert_int_equal(reminded(scene), 0);
	restart(scene);
	pass(scene, 9 * MINUTE);
	assert_int_equal(reminded(scene), 0);
	pass(scene, MINUTE);
	assert_int_equal(reminded(scene), 1);
	restart(scene);
	pass(scene, 59 * MINUTE);
	assert_int_equal(reminded(scene), 1);
	pass(scene, MINUTE);
	assert_int_equal(reminded(scene), 2);
}

static void
test_a_restart_repeats_none_and_loses_none(void **state)
{
	struct scene *scene = *state;
	break_down(scene);
	pass(scene, 35 * MINUTE);
	restart(scene);
	pass(scene, 50 * MINUTE);
	assert_int_equal(reminded(scene), 1);
	pass(scene, 5 * MINUTE);
	assert_int_equal(reminded(scene), 2);

	/* Of those of a long absence one is made up for. */
	f.now.wall_ms += 30 * HOUR;
	f.now.mono_ms += 30 * HOUR;
	restart(scene);
	pass(scene, MINUTE);
	assert_int_equal(reminded(scene), 3);
	pass(scene, 10 * MINUTE);
	assert_int_equal(reminded(scene), 3);
}

static void
test_who_looks_after_it_is_not_reminded(void **state)
{
	struct scene *scene = *state;
	break_down(scene);
	order(scene, STORE_ORDER_TAKEN, incident_of(scene));
	pass(scene, 10 * HOUR);
	assert_int_equal(reminded(scene), 0);
	orders_drop(scene->orders, STORE_ORDER_TAKEN, incident_of(scene));
	pass(scene, 2 * MINUTE);
	assert_int_equal(reminded(scene), 1);
}

static void
test_what_is_muted_waits_for_the_next_time(void **state)
{
	struct scene *scene = *state;
	break_down(scene);
	order(scene, STORE_ORDER_MUTED, NAME);
	pass(scene, 40 * MINUTE);
	orders_drop(scene->orders, STORE_ORDER_MUTED, NAME);
	pass(scene, 49 * MINUTE);
	assert_int_equal(reminded(scene), 0);
	pass(scene, MINUTE);
	assert_int_equal(reminded(scene), 1);
}

static void
test_a_clock_that_jumps_reminds_nobody(void **state)
{
	struct scene *scene = *state;
	break_down(scene);
	pass(scene, 2 * MINUTE);
	f.now.wall_ms += 240 * HOUR;
	pass(scene, 2 * MINUTE);
	f.now.wall_ms -= 480 * HOUR;
	pass(scene, 25 * MINUTE);
	assert_int_equal(reminded(scene), 0);
	pass(scene, MINUTE);
	assert_int_equal(reminded(scene), 1);
}

static void
test_who_was_not_told_is_not_reminded(void **state)
{
	struct scene *scene = *state;
	say(scene, PROBLEM_DOWN);
	answer_all(scene, 400);
	pass(scene, 5 * HOUR);
	assert_int_equal(reminded(scene), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_interval_grows),
		TEST(test_what_is_heard_of_late_is_not_reminded_at_once),
		TEST(test_a_restart_repeats_none_and_loses_none),
		TEST(test_who_looks_after_it_is_not_reminded),
		TEST(test_what_is_muted_waits_for_the_next_time),
		TEST(test_a_clock_that_jumps_reminds_nobody),
		TEST(test_who_was_not_told_is_not_reminded),
	};
	return cmocka_run_group_tests_name("reminders", tests, NULL, NULL);
}
