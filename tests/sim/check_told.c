/*
 * Everything durable was told, to everybody whom it concerns, at least once,
 * as it was, and in its order; and nothing else was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/ledger.h"
#include "tests/sim/life.h"
#include "tests/sim/receiver.h"
#include "tests/sim/record.h"
#include "tests/sim/sim.h"

enum {
	KEY_SIZE = 96,
	UNSAFE_MS = SIM_SECOND_MS * 5, /* then bad news goes from memory */
};

static const char *const receiver_names[PLAN_RECEIVERS] = { "the webhook",
	"the chat", "the webhook of old" };

/* "<uuid>:<seq>:0" */
static struct sim_record *
record_of(const struct sim_world *world, const char *key, unsigned *seq)
{
	char uuid[UUID_TEXT_SIZE];
	str_copy(uuid, sizeof(uuid), key);
	*seq = strlen(key) > UUID_TEXT_SIZE
		? (unsigned)strtoul(key + UUID_TEXT_SIZE, NULL, 10)
		: 0;
	return sim_records_find(world->records, uuid);
}

/* Before it goes out. */

void
sim_check_telling(struct sim_world *world, const char *key)
{
	unsigned seq;
	int64_t since;
	const struct sim_record *record = record_of(world, key, &seq);
	unsigned place = record ? sim_record_place(record, seq) : 0;
	if (place > 0 && record->durable >= place)
		return;
	bool trouble = ledger_trouble(world->life->ledger, &since)
		&& world->now.mono_ms - since >= UNSAFE_MS;
	if (!record || seq != 1 || !trouble)
		sim_fail(world, "%s is told before it is durable", key);
}

/* At the end. */

struct telling {
	struct sim_world *world;
	int who;
	struct map *places; /* of the last of each endpoint, as char * */
};

static void
expect(const struct sim_record *record, const struct sim_announced *event,
	char text[static 256])
{
	char at[CLOCK_TEXT_SIZE];
	clock_text(event->at_ms, at);
	snprintf(text, 256, "{\"is\":\"%s %s %s %s %s\"}",
		record->endpoint.name, event_kind_name(event->kind),
		status_name(event->to), at, record->uuid);
}

/* Of one endpoint, nothing comes before what was before it. */
static void
check_order(const struct telling *telling, const struct sim_record *record,
	const struct sim_heard *heard, const char *key)
{
	const struct sim_heard *last =
		map_get(telling->places, record->endpoint.name);
	if (last && last->place > heard->place)
		sim_fail(telling->world, "%s heard %s of %s out of order",
			receiver_names[telling->who], key,
			record->endpoint.name);
	union {
		const struct sim_heard *closed;
		void *open;
	} place = { .closed = heard };
	map_put(telling->places, record->endpoint.name, place.open);
}

static void
check_event(const struct telling *telling, const struct sim_record *record,
	const struct sim_announced *event)
{
	struct sim_world *world = telling->world;
	char key[KEY_SIZE], text[256];
	snprintf(key, sizeof(key), "%s:%u:0", record->uuid, event->seq);
	const struct sim_heard *heard =
		sim_receiver_heard(world->receivers[telling->who], key);
	if (!heard) {
		if (record->audience & 1u << telling->who && !event->lost)
			sim_fail(world, "%s never heard %s of %s",
				receiver_names[telling->who], key,
				record->endpoint.name);
		return;
	}
	expect(record, event, text);
	if (telling->who == PLAN_HOOK && !str_eq(heard->text, text))
		sim_fail(world, "%s heard %s instead of %s",
			receiver_names[telling->who], heard->text, text);
	if (heard->confused)
		sim_fail(world, "%s heard two things as %s",
			receiver_names[telling->who], key);
	check_order(telling, record, heard, key);
}

static void
check_record(void *cookie, struct sim_record *record)
{
	const struct telling *telling = cookie;
	for (unsigned i = 0; i < record->durable; i++) {
		const struct sim_announced *event = &record->events[i];
		if (!event->silent
			&& (telling->who != PLAN_OLD
				|| event->kind != EVENT_CHANGED))
			check_event(telling, record, event);
	}
}

/* Nothing was made up, and an end was told only after its beginning. */
static void
check_heard(void *cookie, const char *key, const struct sim_heard *heard)
{
	const struct telling *telling = cookie;
	struct sim_world *world = telling->world;
	unsigned seq;
	const struct sim_record *record = record_of(world, key, &seq);
	char first[KEY_SIZE];
	(void)heard;
	unsigned place = record ? sim_record_place(record, seq) : 0;
	if (!record || seq < 1 || (seq > 1 && place == 0)
		|| place > record->durable) {
		sim_fail(world, "%s heard %s, which is not so",
			receiver_names[telling->who], key);
		return;
	}
	snprintf(first, sizeof(first), "%s:1:0", record->uuid);
	if (!record->taken_up
		&& !sim_receiver_heard(world->receivers[telling->who], first))
		sim_fail(world, "%s heard %s but not the opening",
			receiver_names[telling->who], key);
}

void
sim_check_told(struct sim_world *world)
{
	for (int who = 0; who < PLAN_RECEIVERS; who++) {
		struct telling telling = { world, who, map_new() };
		sim_records_each(world->records, check_record, &telling);
		sim_receiver_each(world->receivers[who], check_heard, &telling);
		map_free(telling.places);
	}
}
