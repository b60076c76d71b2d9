#include "agent/http/resolver_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/http/reach.h"

enum {
	/* One name in each of its families, and another: two names are enough
	 * evidence. */
	SILENT_LOOKUPS = 4,
};

/* Any address that is not of a private network will do: a root server's. */
static const char SOMEWHERE_V4[] = "198.41.0.4";
static const char SOMEWHERE_V6[] = "2001:503:ba3e::2:30";

static const int64_t ROUTES_US = INT64_C(1000) * 1000;

void
resolver_key(enum resolver_family wanted, const char *name,
	char key[static RESOLVER_KEY_SIZE])
{
	snprintf(key, RESOLVER_KEY_SIZE, "%d%s", (int)wanted, name);
}

struct resolver_lookup *
resolver_lookup_new(struct resolver *resolver, enum resolver_family wanted,
	const char *name)
{
	char key[RESOLVER_KEY_SIZE];
	resolver_key(wanted, name, key);
	size_t size = strlen(key) + 1;
	struct resolver_lookup *lookup = mem_zalloc(sizeof(*lookup) + size);
	list_init(&lookup->link);
	list_init(&lookup->queries);
	lookup->resolver = resolver;
	lookup->wanted = wanted;
	lookup->answer.detail = lookup->detail;
	memcpy(lookup->key, key, size);
	lookup->name = lookup->key + 1;
	return lookup;
}

/* Every change of the state is here, so that the counts are right. */
static void
set_state(struct resolver_lookup *lookup, enum resolver_state state,
	struct list *behind)
{
	struct resolver *resolver = lookup->resolver;
	if (lookup->state == RESOLVER_RUNNING) {
		resolver->n_running--;
		resolver->n_running_slow -= lookup->is_slow;
	}
	if (state == RESOLVER_RUNNING) {
		resolver->n_running++;
		resolver->n_running_slow += lookup->is_slow;
	}
	lookup->state = state;
	list_remove(&lookup->link);
	list_add(behind, &lookup->link);
}

void
resolver_lookup_free(struct resolver_lookup *lookup)
{
	resolver_channel_free(lookup->own);
	LIST_EACH (at, &lookup->queries, after)
		free(LIST_ENTRY(at, struct resolver_query, link));
	if (map_get(lookup->resolver->lookups, lookup->key) == lookup)
		map_remove(lookup->resolver->lookups, lookup->key);
	set_state(lookup, RESOLVER_DONE, &lookup->resolver->finished);
	list_remove(&lookup->link);
	free(lookup);
}

void
resolver_forget(struct list *lookups)
{
	LIST_EACH (at, lookups, after)
		resolver_lookup_free(
			LIST_ENTRY(at, struct resolver_lookup, link));
}

static void
wake(struct resolver *resolver)
{
	if (!ev_is_active(&resolver->wake)) {
		ev_timer_set(&resolver->wake, 0, 0);
		ev_timer_start(resolver->loop, &resolver->wake);
	}
}

void
resolver_finish(struct resolver_lookup *lookup)
{
	struct resolver *resolver = lookup->resolver;
	int64_t slow_us = INT64_C(1000) * resolver->settings.slow_ms;
	if (lookup->begun_us != 0)
		resolver_pace_note(resolver->pace, lookup->name,
			clock_mono_us() - lookup->begun_us > slow_us);
	set_state(lookup, RESOLVER_DONE, &resolver->finished);
	wake(resolver);
}

void
resolver_wait(struct resolver_lookup *lookup)
{
	struct resolver *resolver = lookup->resolver;
	bool is_slow = resolver_pace_is_slow(resolver->pace, lookup->name);
	set_state(lookup, RESOLVER_WAITING,
		is_slow ? &resolver->waiting_slow : &resolver->waiting);
	lookup->is_slow = is_slow;
	lookup->waits_us = clock_mono_us();
	wake(resolver);
}

void
resolver_finish_badly(struct resolver_lookup *lookup, enum resolver_fail fail,
	const char *why)
{
	lookup->answer.fail = fail;
	snprintf(lookup->detail, sizeof(lookup->detail), "%s", why);
	resolver_finish(lookup);
}

static void
look_at_routes(struct resolver *resolver)
{
	int64_t now = clock_mono_us();
	if (resolver->routes_us != 0 && now - resolver->routes_us < ROUTES_US)
		return;
	resolver->routes_us = now;
	resolver->has_v4 = http_reach_text_has_route(SOMEWHERE_V4);
	resolver->has_v6 = http_reach_text_has_route(SOMEWHERE_V6);
}

/*
 * Of two names that are asked for at once, the first to fail is not the only
 * one that is not answered.
 */
void
resolver_count_silent(struct resolver *resolver, int64_t now)
{
	int64_t try_us = INT64_C(1000) * resolver->settings.timeout_ms;
	int left = SILENT_LOOKUPS;
	LIST_EACH (at, &resolver->running, after) {
		const struct resolver_lookup *lookup =
			LIST_ENTRY(at, struct resolver_lookup, link);
		if (now - lookup->begun_us < try_us || left-- == 0)
			return; /* most of those behind it began later */
		resolver_evidence_failed(
			&resolver->evidence, lookup->name, now);
	}
}

static void
take_failure(struct resolver_lookup *lookup, enum resolver_outcome outcome,
	const char *text)
{
	struct resolver *resolver = lookup->resolver;
	int64_t now = clock_mono_us();
	char why[RESOLVER_DETAIL_SIZE];

	if (!http_reach_has_descriptor()) {
		resolver_finish_badly(lookup, RESOLVER_FAIL_NO_DESCRIPTORS,
			"no descriptor is left to ask a name server");
		return;
	}
	look_at_routes(resolver);
	if (outcome == RESOLVER_UNSENT && !resolver->has_v4
		&& !resolver->has_v6) {
		resolver_finish_badly(lookup, RESOLVER_FAIL_NO_ROUTE,
			"neither IPv4 nor IPv6 has a route");
		return;
	}
	if (outcome != RESOLVER_FAILED) {
		resolver_evidence_asked(&resolver->evidence, lookup->name, now);
		resolver_evidence_failed(
			&resolver->evidence, lookup->name, now);
		resolver_count_silent(resolver, now);
	}
	/* Nobody could even be asked: that is no fault of the name's. */
	if (outcome == RESOLVER_UNSENT
		|| resolver_evidence_is_dead(&resolver->evidence, now)) {
		resolver_finish_badly(lookup, RESOLVER_FAIL_DEAD,
			"the name servers answer nobody");
		return;
	}
	snprintf(why, sizeof(why), "the look-up of the name failed: %s", text);
	resolver_finish_badly(lookup, RESOLVER_FAIL_LOOKUP, why);
}

/* Only a name without an address of the families that we have gets here. */
static bool
ask_other_family(struct resolver_lookup *lookup)
{
	if (lookup->second || lookup->family == AF_UNSPEC
		|| lookup->wanted != RESOLVER_ANY)
		return false;
	lookup->second = true;
	lookup->wholly = false;
	lookup->family = lookup->family == AF_INET ? AF_INET6 : AF_INET;
	resolver_wait(lookup);
	return true;
}

/* There may have been no room for one in the answer. */
static bool
ask_wholly(struct resolver_lookup *lookup)
{
	if (lookup->wholly || lookup->starting || lookup->resolver->system)
		return false;
	lookup->wholly = true;
	resolver_wait(lookup);
	return true;
}

const char *
resolver_no_address(enum resolver_family wanted)
{
	return wanted == RESOLVER_V4	? "the name has no IPv4 address"
		: wanted == RESOLVER_V6 ? "the name has no IPv6 address"
					: "the name has no address";
}

static void
take_answer(struct resolver_lookup *lookup, enum resolver_outcome outcome,
	const struct resolver_answer *found)
{
	/* What is answered at once comes from a file. */
	if (!lookup->starting)
		resolver_evidence_answered(
			&lookup->resolver->evidence, clock_mono_us());

	if (outcome == RESOLVER_FOUND) {
		lookup->answer = *found;
		lookup->answer.detail = lookup->detail;
		resolver_finish(lookup);
	} else if (outcome == RESOLVER_NO_ADDRESS && ask_wholly(lookup)) {
		return;
	} else if (outcome == RESOLVER_NO_WAY) {
		resolver_finish_badly(lookup, RESOLVER_FAIL_NO_ROUTE,
			"no address of the name has a route from here");
	} else if (!ask_other_family(lookup)) {
		resolver_finish_badly(lookup, RESOLVER_FAIL_NOT_FOUND,
			outcome == RESOLVER_NO_ADDRESS
				? resolver_no_address(lookup->wanted)
				: "there is no such name");
	}
}

void
resolver_take(void *cookie, enum resolver_outcome outcome,
	const struct resolver_answer *found, const char *text)
{
	struct resolver_lookup *lookup = cookie;
	switch (outcome) {
	case RESOLVER_ENDED:
		break; /* remake_askers() or resolver_free() see to it */
	case RESOLVER_FOUND:
	case RESOLVER_NO_WAY:
	case RESOLVER_NO_SUCH_NAME:
	case RESOLVER_NO_ADDRESS:
		take_answer(lookup, outcome, found);
		break;
	case RESOLVER_UNSENT:
		if (lookup->wholly) {
			/* An answer was there before. */
			take_failure(lookup, RESOLVER_FAILED, text);
			break;
		}
		/* A name that its own servers cannot tell must not pass for
		 * a dead resolver. */
		if (!lookup->frankly) {
			lookup->frankly = true;
			resolver_wait(lookup);
			break;
		}
		take_failure(lookup, outcome, text);
		break;
	case RESOLVER_SILENT:
	case RESOLVER_REFUSED:
	case RESOLVER_FAILED:
		take_failure(lookup, outcome, text);
		break;
	}
}

static int
family_to_ask(
	const struct resolver *resolver, const struct resolver_lookup *lookup)
{
	if (lookup->wanted != RESOLVER_ANY)
		return lookup->wanted == RESOLVER_V4 ? AF_INET : AF_INET6;
	if (resolver->has_v4 == resolver->has_v6)
		return AF_UNSPEC;
	return resolver->has_v4 ? AF_INET : AF_INET6;
}

/* See RESOLVER_WHOLE: with a channel of its own it spoils nothing. */
static struct resolver_channel *
channel_for(struct resolver_lookup *lookup)
{
	struct resolver *resolver = lookup->resolver;
	struct err err;
	if (lookup->wholly && !lookup->own)
		lookup->own = resolver_channel_new(&resolver->owner,
			RESOLVER_WHOLE, &resolver->settings, &err);
	if (lookup->wholly && lookup->own)
		return lookup->own;
	return lookup->frankly ? resolver->frank : resolver->patient;
}

static void
start_lookup(struct resolver_lookup *lookup)
{
	struct resolver *resolver = lookup->resolver;
	look_at_routes(resolver);
	if (!lookup->second)
		lookup->family = family_to_ask(resolver, lookup);
	if (lookup->begun_us == 0)
		lookup->begun_us = clock_mono_us();
	set_state(lookup, RESOLVER_RUNNING, &resolver->running);
	lookup->starting = true;
	if (resolver->system)
		resolver_system_ask(
			resolver->system, lookup->name, lookup->family, lookup);
	else
		resolver_channel_ask(channel_for(lookup), lookup->name,
			lookup->family, lookup);
	lookup->starting = false;
	if (lookup->state == RESOLVER_RUNNING)
		resolver_evidence_asked(
			&resolver->evidence, lookup->name, clock_mono_us());
}

static struct resolver_lookup *
first_of(const struct list *lookups)
{
	return list_empty(lookups)
		? NULL
		: LIST_ENTRY(lookups->next, struct resolver_lookup, link);
}

/* In the order of arrival, but that slow ones never fill the room. */
static struct resolver_lookup *
next_waiting(const struct resolver *resolver)
{
	size_t room = resolver->settings.at_once;
	if (resolver->n_running >= room)
		return NULL;
	struct resolver_lookup *quick = first_of(&resolver->waiting);
	struct resolver_lookup *slow = first_of(&resolver->waiting_slow);
	if (!slow || (quick && quick->waits_us <= slow->waits_us)
		|| (resolver->n_running_slow > 0
			&& resolver->n_running_slow >= room / 2))
		return quick;
	return slow;
}

void
resolver_start_waiting(struct resolver *resolver)
{
	struct resolver_lookup *next;
	while ((next = next_waiting(resolver)) != NULL)
		start_lookup(next);
}

static void
answer_all(struct resolver_lookup *lookup)
{
	while (!list_empty(&lookup->queries)) {
		struct resolver_query *query = LIST_ENTRY(
			lookup->queries.next, struct resolver_query, link);
		resolver_done_fn *done = query->done;
		void *cookie = query->cookie;
		list_remove(&query->link);
		free(query);
		done(cookie, &lookup->answer);
	}
}

static struct resolver_lookup *
take_first(struct list *lookups)
{
	struct list *link = lookups->next;
	list_remove(link);
	assert(lookups->next != link);
	return LIST_ENTRY(link, struct resolver_lookup, link);
}

void
resolver_deliver(struct resolver *resolver)
{
	resolver_start_waiting(resolver);
	assert(list_empty(&resolver->delivering));
	while (!list_empty(&resolver->finished))
		list_add(&resolver->delivering,
			&take_first(&resolver->finished)->link);
	while (!list_empty(&resolver->delivering)) {
		struct resolver_lookup *lookup =
			take_first(&resolver->delivering);
		if (map_get(resolver->lookups, lookup->key) == lookup)
			map_remove(resolver->lookups, lookup->key);
		answer_all(lookup);
		resolver_lookup_free(lookup);
	}
}
