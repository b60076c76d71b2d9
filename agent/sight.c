#include "agent/sight.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/duration.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/base/uuid.h"
#include "agent/judge/blind.h"
#include "agent/judge/route.h"
#include "agent/ledger.h"
#include "agent/outbox.h"
#include "agent/store/store.h"
#include "reporters/reporter.h"

enum {
	MESSAGE_SIZE = 200,
	ROOM = 64,
	REPORTERS_MAX = 256,
};

/* What is kept of a last result: these, or the cause of not seeing. */
enum {
	LOOK_NONE = 0,
	LOOK_UNSURE,
	LOOK_SEEN,
	LOOK_UNSEEN, /* and the cause */
};

static const char TITLE[] = "curlew cannot look at most of its endpoints";
static const char TITLE_OVER[] = "curlew can look at its endpoints again";

struct sight {
	struct sight_settings settings;
	struct sight_scope scope;
	unsigned char *looks; /* by number */
	size_t size; /* of looks */
	struct blind_view view;
	size_t unseen[CAUSE_COUNT];
	struct blind_state blind;

	char incident[UUID_TEXT_SIZE]; /* "" for none */
	int64_t opened_ms;
	unsigned seq;
	bool unwritten;
};

/* What the ledger makes durable. */

static bool
on_write(void *cookie, struct store *store, struct err *err)
{
	const struct sight *sight = cookie;
	struct store_endpoint row = {
		.name = EVENT_OURS,
		.verdict = { .announced = STATUS_PARTIAL_OUTAGE },
		.since_ms = sight->opened_ms,
		.incident = sight->incident,
	};
	if (!sight->unwritten)
		return true;
	return sight->blind.told ? store_put_endpoint(store, &row, err)
				 : store_drop_endpoint(store, EVENT_OURS, err);
}

static void
on_written(void *cookie)
{
	struct sight *sight = cookie;
	sight->unwritten = false;
}

struct sight *
sight_new(const struct sight_settings *settings)
{
	struct sight *sight = mem_zalloc(sizeof(*sight));
	sight->settings = *settings;
	ledger_join(settings->ledger,
		(struct ledger_writer){
			.write = on_write,
			.written = on_written,
			.cookie = sight,
		});
	return sight;
}

void
sight_set_scope(struct sight *sight, const struct sight_scope *scope)
{
	assert(scope->n_reporters <= REPORTERS_MAX);
	sight->scope = *scope;
	sight->view.endpoints = scope->endpoints;
}

void
sight_free(struct sight *sight)
{
	if (!sight)
		return;
	free(sight->looks);
	free(sight);
}

void
sight_take_up(struct sight *sight, const struct store_endpoint *row)
{
	sight->blind.told = true;
	sight->opened_ms = row->opened_ms;
	sight->seq = row->seq;
	str_copy(sight->incident, sizeof(sight->incident), row->incident);
}

/* Counting. */

static void
count(struct sight *sight, unsigned char look, bool more)
{
	size_t one = more ? 1 : (size_t)-1;
	if (look == LOOK_SEEN)
		sight->view.seen += one;
	if (look < LOOK_UNSEEN)
		return;
	sight->view.unseen += one;
	sight->unseen[look - LOOK_UNSEEN] += one;
}

/*
 * A name that could not be looked up may be the first sign of a resolver that
 * is dead: only the second time in a row it is the name's own trouble.
 */
static unsigned char
look_of(unsigned char before, enum status seen, enum cause cause)
{
	if (seen == STATUS_UNKNOWN)
		return (unsigned char)(LOOK_UNSEEN + (int)cause);
	if (cause != CAUSE_NAME_LOOKUP || before == LOOK_UNSURE)
		return LOOK_SEEN;
	return before == LOOK_SEEN ? LOOK_SEEN : LOOK_UNSURE;
}

static void
put(struct sight *sight, uint32_t endpoint, unsigned char look)
{
	unsigned char before = sight->looks[endpoint];
	if (look == before)
		return;
	count(sight, before, false);
	count(sight, look, true);
	sight->looks[endpoint] = look;
}

static void
make_room(struct sight *sight, uint32_t endpoint)
{
	size_t size = sight->size > 0 ? sight->size : ROOM;
	while (size <= endpoint)
		size *= 2;
	sight->looks = mem_grow(sight->looks, size, 1);
	memset(sight->looks + sight->size, LOOK_NONE, size - sight->size);
	sight->size = size;
}

void
sight_note(struct sight *sight, uint32_t endpoint, enum status seen,
	enum cause cause)
{
	if (endpoint >= sight->size)
		make_room(sight, endpoint);
	put(sight, endpoint, look_of(sight->looks[endpoint], seen, cause));
}

void
sight_forget(struct sight *sight, uint32_t endpoint)
{
	if (endpoint < sight->size)
		put(sight, endpoint, LOOK_NONE);
}

/* Announcing. */

static const char *
words_of(enum cause cause)
{
	switch (cause) {
	case CAUSE_NO_ROUTE:
		return "there is no route to them from here";
	case CAUSE_NO_DESCRIPTORS:
		return "it has no descriptors left";
	case CAUSE_NO_PORTS:
		return "there are no local ports left";
	case CAUSE_RESOLVER:
		return "no name server answers";
	case CAUSE_LAG:
		return "it is too slow here to measure anything";
	default:
		return "it does not know why";
	}
}

/* Of what keeps from seeing, the most frequent. */
static const char *
why(const struct sight *sight)
{
	size_t most = 0;
	for (size_t i = 1; i < CAUSE_COUNT; i++)
		if (sight->unseen[i] > sight->unseen[most])
			most = i;
	return sight->view.unseen > 0 ? words_of((enum cause)most) : "";
}

static void
announce(struct sight *sight, struct event *event, struct moment now)
{
	const struct sight_settings *settings = &sight->settings;
	const struct sight_scope *scope = &sight->scope;
	const struct reporter *to[REPORTERS_MAX];
	size_t n = 0;
	for (size_t i = 0; i < scope->n_reporters; i++)
		if (route_wants(scope->reporters[i]->audience, true, event))
			to[n++] = scope->reporters[i];

	event->incident = sight->incident;
	event->seq = ++sight->seq;
	event->at_ms = now.wall_ms;
	event->opened_ms = sight->opened_ms;
	event->endpoint = (struct event_endpoint){
		.name = EVENT_OURS,
		.url = "",
		.method = "",
		.titles = { TITLE, TITLE, TITLE_OVER },
	};
	outbox_announce(settings->outbox, event, to, n, now);
	sight->unwritten = true;
	ledger_wake(settings->ledger);
	if (settings->on_event)
		settings->on_event(settings->cookie, event);
}

static void
begin(struct sight *sight, struct moment now)
{
	int64_t lasted_ms = now.mono_ms - sight->blind.since_ms;
	char lasted[DURATION_TEXT_SIZE];
	char message[MESSAGE_SIZE];
	duration_text(lasted_ms, lasted);
	snprintf(message, sizeof(message), "%s (%zu of %zu endpoints, for %s)",
		why(sight), sight->view.unseen, sight->view.endpoints, lasted);

	uuid_make(now.wall_ms, sight->settings.rng, sight->incident);
	sight->opened_ms = now.wall_ms - lasted_ms;
	sight->seq = 0;
	struct event event = {
		.kind = EVENT_OPENED,
		.from = STATUS_OPERATIONAL,
		.to = STATUS_PARTIAL_OUTAGE,
		.cause = CAUSE_BLIND,
		.message = message,
	};
	announce(sight, &event, now);
}

static void
end(struct sight *sight, struct moment now)
{
	struct event event = {
		.kind = EVENT_CLOSED,
		.from = STATUS_PARTIAL_OUTAGE,
		.to = STATUS_OPERATIONAL,
		.cause = CAUSE_BLIND,
		.message = "",
	};
	announce(sight, &event, now);
	sight->incident[0] = '\0';
	sight->opened_ms = 0;
}

int64_t
sight_turn(struct sight *sight, struct moment now)
{
	struct blind blind = blind_step(sight->scope.blind_after_ms,
		sight->blind, &sight->view, now.mono_ms);
	sight->blind = blind.next;
	if (blind.change == BLIND_BEGUN)
		begin(sight, now);
	else if (blind.change == BLIND_ENDED)
		end(sight, now);
	return blind.due_ms;
}

struct sight_view
sight_view(const struct sight *sight)
{
	return (struct sight_view){
		.unseen = sight->view.unseen,
		.endpoints = sight->view.endpoints,
		.most = sight->blind.pending,
		.why = why(sight),
		.incident = sight->incident,
		.since_ms = sight->opened_ms,
	};
}
