/* What the monitors keep of results. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/rng.h"
#include "agent/ledger.h"
#include "agent/monitor.h"
#include "agent/outbox.h"
#include "agent/store/store.h"
#include "conf/conf.h"
#include "probes/probe.h"
#include "reporters/reporter.h"

enum {
	ENDPOINTS = 7000,
	PAGE = 12 * 1024 - 1,
	ALL_MAX = 64 * 1024 * 1024,
	LEAST = 512,
};

struct scene {
	struct store *store;
	struct ledger *ledger;
	struct rng rng;
	struct monitors *monitors;
	struct conf_endpoint *endpoints;
	char (*names)[16];
	enum status mirrored; /* by the last that only says how it is */
};

static void
on_event(void *cookie, const struct event *event)
{
	struct scene *scene = cookie;
	if (event->kind == EVENT_BASELINE)
		scene->mirrored = event->to;
}

static int
set_up(void **state)
{
	struct scene *scene = mem_zalloc(sizeof(*scene));
	struct err err;
	bool fresh;
	scene->store = store_open("file:/monitors?vfs=memdb", &fresh, &err);
	assert_non_null(scene->store);
	scene->ledger = ledger_new(scene->store);
	scene->monitors = monitors_new(&(struct monitors_settings){
		.store = scene->store,
		.ledger = scene->ledger,
		.rng = &scene->rng,
		.on_event = on_event,
		.cookie = scene,
	});
	scene->endpoints = mem_zalloc(ENDPOINTS * sizeof(*scene->endpoints));
	scene->names = mem_zalloc(ENDPOINTS * sizeof(*scene->names));
	static const struct probe_target target = { "http://a.test/", "GET" };
	for (size_t i = 0; i < ENDPOINTS; i++) {
		snprintf(scene->names[i], sizeof(*scene->names), "e%zu", i);
		scene->endpoints[i] = (struct conf_endpoint){
			.name = scene->names[i],
			.allowed_fails = 1000,
			.recover_after = 1,
			.titles = { "down", "slow", "up" },
		};
		monitors_add(
			scene->monitors, &scene->endpoints[i], NULL, &target);
	}
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;
	monitors_free(scene->monitors);
	ledger_free(scene->ledger);
	store_close(scene->store);
	free(scene->endpoints);
	free(scene->names);
	free(scene);
	return 0;
}

/* A failure whose page is all of this letter. */
static void
fail_once(struct scene *scene, uint32_t number, const char *letter)
{
	size_t len = strlen(letter);
	char *page = mem_alloc(PAGE + 1);
	for (size_t i = 0; i < PAGE; i++)
		page[i] = letter[i % len];
	page[PAGE - PAGE % len] = '\0';
	struct result result = {
		.endpoint = number,
		.generation = monitors_at(scene->monitors, number)->generation,
		.status = STATUS_PARTIAL_OUTAGE,
		.evidence = page,
	};
	monitors_take(scene->monitors, &result, (struct moment){ 1, 1 });
}

static size_t
kept(const struct scene *scene)
{
	size_t all = 0;
	for (uint32_t i = 0; i < monitors_size(scene->monitors); i++) {
		const struct monitor *monitor = monitors_at(scene->monitors, i);
		if (monitor && monitor->evidence)
			all += strlen(monitor->evidence) + 1;
	}
	return all;
}

static void
test_the_pages_of_all_have_a_ceiling(void **state)
{
	struct scene *scene = *state;
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < ENDPOINTS; i++)
			fail_once(scene, i, round ? "b" : "a");
	assert_true(kept(scene) <= ALL_MAX + ENDPOINTS * (LEAST + 1));
	assert_true(kept(scene) > ALL_MAX / 2);
	for (uint32_t i = 0; i < ENDPOINTS; i++) {
		const char *evidence =
			monitors_at(scene->monitors, i)->evidence;
		assert_true(strlen(evidence) >= LEAST && *evidence == 'b');
	}
	/* Who goes makes room. */
	for (uint32_t i = 0; i < 20; i++)
		monitors_remove(scene->monitors,
			monitors_named(scene->monitors, scene->names[i]),
			(struct moment){ 1, 1 });
	fail_once(scene, ENDPOINTS - 1, "c");
	assert_int_equal(
		strlen(monitors_at(scene->monitors, ENDPOINTS - 1)->evidence),
		PAGE);
}

static void
test_no_character_is_cut_in_two(void **state)
{
	struct scene *scene = *state;
	for (uint32_t i = 0; i < ENDPOINTS; i++)
		fail_once(scene, i, "\xe2\x82\xac");
	const char *evidence =
		monitors_at(scene->monitors, ENDPOINTS - 1)->evidence;
	assert_int_equal(strlen(evidence), LEAST - LEAST % 3);
}

/* What is measured says nothing of a component; an incident sets it, too. */
static void
test_who_only_measures_shares_no_component(void **state)
{
	struct scene *scene = *state;
	static int actions[] = { ACTION_UPDATE_STATUS, ACTION_PUSH_METRICS,
		ACTION_CREATE_INCIDENT };
	static char id[] = "cachet/a";
	static const struct reporter cachet = {
		.audience = AUDIENCE_ACTIONS,
		.id = id,
	};
	static const struct reporter *const reporters[] = { &cachet };
	struct monitor *monitors[3];
	for (size_t i = 0; i < 3; i++) {
		scene->endpoints[i].component_id = 6;
		scene->endpoints[i].action =
			(struct conf_list){ &actions[i], 1 };
		monitors[i] = monitors_named(scene->monitors, scene->names[i]);
	}
	monitors_connect(scene->monitors, NULL, reporters, 1);
	monitors[2]->verdict.announced = STATUS_MAJOR_OUTAGE;
	assert_int_equal(monitors_mirror(scene->monitors, &cachet, 6, true),
		STATUS_UNKNOWN);
	monitors[2]->verdict.announced = STATUS_UNKNOWN;
	monitors[0]->verdict.announced = STATUS_OPERATIONAL;
	monitors[1]->verdict.announced = STATUS_MAJOR_OUTAGE;
	assert_int_equal(monitors_mirror(scene->monitors, &cachet, 6, false),
		STATUS_OPERATIONAL);
	monitors[2]->verdict.announced = STATUS_PARTIAL_OUTAGE;
	assert_int_equal(monitors_mirror(scene->monitors, &cachet, 6, false),
		STATUS_PARTIAL_OUTAGE);
	assert_int_equal(monitors_mirror(scene->monitors, &cachet, 6, true),
		STATUS_OPERATIONAL);
}

static struct moment
on_now(void *cookie)
{
	(void)cookie;
	return (struct moment){ 1, 1 };
}

/* The same endpoints, as another process has them. */
static struct monitors *
load_anew(struct scene *scene)
{
	static const struct probe_target target = { "http://a.test/", "GET" };
	struct monitors *monitors = monitors_new(&(struct monitors_settings){
		.store = scene->store,
		.ledger = scene->ledger,
		.rng = &scene->rng,
	});
	struct err err;
	for (size_t i = 0; i < ENDPOINTS; i++)
		monitors_add(monitors, &scene->endpoints[i], NULL, &target);
	assert_true(monitors_load(monitors, (struct moment){ 3, 3 }, &err));
	return monitors;
}

/* It was a guess: what mirrors it is brought into line; and else the next
 * process would tell of a change that was none. */
static void
test_how_bad_a_past_really_is_outlasts_the_process(void **state)
{
	struct scene *scene = *state;
	struct outbox *outbox = outbox_new(&(struct outbox_settings){
		.store = scene->store,
		.ledger = scene->ledger,
		.rng = &scene->rng,
		.now = on_now,
	});
	const struct monitor_past past = {
		.incident = "",
		.status = STATUS_PERFORMANCE_ISSUES,
		.opened_ms = 1,
	};
	const struct moment now = on_now(NULL);
	struct monitor *monitor =
		monitors_named(scene->monitors, scene->names[0]);
	monitors_connect(scene->monitors, outbox, NULL, 0);
	monitors_adopt(scene->monitors, monitor, &past, NULL, 0, now);
	ledger_wake(scene->ledger);
	ledger_turn(scene->ledger, now);
	fail_once(scene, 0, "a");
	assert_int_equal(scene->mirrored, STATUS_PARTIAL_OUTAGE);
	ledger_wake(scene->ledger);
	ledger_turn(scene->ledger, now);
	struct monitors *anew = load_anew(scene);
	assert_int_equal(
		monitors_named(anew, scene->names[0])->verdict.announced,
		STATUS_PARTIAL_OUTAGE);
	monitors_free(anew);
	outbox_free(outbox);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_the_pages_of_all_have_a_ceiling),
		CASE(test_no_character_is_cut_in_two),
		CASE(test_who_only_measures_shares_no_component),
		CASE(test_how_bad_a_past_really_is_outlasts_the_process),
	};
	return cmocka_run_group_tests_name("monitors", tests, NULL, NULL);
}
