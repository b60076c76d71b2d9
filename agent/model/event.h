/*
 * What the agent has to tell the world: one announced change of one endpoint.
 *
 * An event carries all that any receiver may need, so that it can be told
 * after a restart, after a change of the configuration, and when its endpoint
 * is long gone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/model/cause.h"
#include "agent/model/result.h"
#include "agent/model/status.h"

struct arena;
struct err;

/**
 * What stands for an endpoint's name where the agent speaks of itself
 * (CAUSE_BLIND); no endpoint may have it.
 */
#define EVENT_OURS "curlew/blind"

/** The same of a digest. */
#define EVENT_OURS_DIGEST "curlew/digest"

/** And of an answer. */
#define EVENT_OURS_ANSWER "curlew/answer"

enum event_kind {
	EVENT_BASELINE = 0, /* first good look ever: only for mirrors */
	EVENT_OPENED,
	EVENT_CHANGED, /* still bad, of another severity */
	EVENT_CLOSED,
	EVENT_NOTICE, /* worth telling, and nothing to recover from */
	EVENT_POINT, /* no news, but a latency was measured: never stored */
	EVENT_DIGEST, /* how everything is: `message` is a struct digest */

	/* What a person asked: `message` is the body of a message to Slack, and
	 * nobody else is told of it. */
	EVENT_ANSWER,
	EVENT_REMINDER, /* no news: it is still so */
};

/** What cachet-url-monitor calls `action`: what Cachet is to be told. */
enum event_action {
	ACTION_CREATE_INCIDENT = 0,
	ACTION_UPDATE_STATUS,
	ACTION_PUSH_METRICS,
};

enum {
	EVENT_ACTION_COUNT = ACTION_PUSH_METRICS + 1,
};

/** The sentences of `messages:`, filled in for one endpoint. */
struct event_titles {
	const char *outage;
	const char *performance;
	const char *operational;
};

/** What an endpoint is in one Cachet: each has numbers of its own. */
struct event_place {
	const char *reporter; /* that Cachet's id */
	int64_t component_id; /* 0 for none */
	int64_t metric_id; /* 0 for none */
};

/** A word and its value, such as team and web. */
struct event_label {
	const char *name;
	const char *value;
};

enum {
	EVENT_PLACES_MAX = 32,
	EVENT_LABELS_MAX = 32,
	EVENT_LABELS_BYTES_MAX = 4096, /* what does not fit is left out */
	EVENT_TAGS_MAX = 32,
};

/** What receivers need to know about an endpoint. */
struct event_endpoint {
	const char *name;
	const char *url; /* without user, password and query */
	const char *method;
	int64_t component_id; /* 0 for none */
	int64_t metric_id; /* 0 for none */
	int64_t latency_unit_us; /* in which the metric is */
	enum event_action actions[EVENT_ACTION_COUNT]; /* in their order */
	size_t n_actions;
	bool is_public;
	struct event_titles titles;

	/* Which Cachets are told, and what stands there for the ids above.
	 * None: nobody said, as in what was stored when there was only one. */
	const struct event_place *places;
	size_t n_places;

	/* What another monitor said of its problem, in its own words; NULL for
	 * what it did not say, and for endpoints of our own. */
	const char *service; /* such as EC2 */
	const char *category;
	const char *account;
	const char *region;
	const char *severity;
	const struct event_label *labels;
	size_t n_labels;

	/* What its user calls it by: `tags` of an endpoint of our own. */
	const char *const *tags;
	size_t n_tags;
};

/** A value: owns nothing, and lives as long as the strings it points at. */
struct event {
	int64_t id; /* its row in the store */
	enum event_kind kind;
	const char *incident; /* UUID; "" for a baseline */
	unsigned seq; /* within the incident, from 1 */

	/*
	 * Nothing was ever announced of this endpoint before, as far as we
	 * remember: a receiver may know more than we do.
	 */
	bool first;
	int64_t at_ms; /* wall clock: when it was seen */
	int64_t opened_ms; /* wall clock: when the incident began */
	enum status from;
	enum status to;
	enum cause cause;
	const char *message; /* what was wrong; "" on recovery */
	int64_t latency_us; /* 0 when there was no whole answer */
	struct result_phases phases; /* all 0 when nobody looked himself */
	struct event_endpoint endpoint;
};

/** The title for what the endpoint is now. */
const char *event_title(const struct event *event);

/** Like the message, but the title where that is empty, as on recovery. */
const char *event_text(const struct event *event);

/** What the endpoint is in this Cachet; NULL: it is not told of it. */
const struct event_place *event_place_of(
	const struct event_endpoint *endpoint, const char *reporter);

/** What its places are is in `arena` from now on. */
void event_copy_places(struct event_endpoint *endpoint, struct arena *arena);

/** The value of the label of this name; NULL when there is none. */
const char *event_label(
	const struct event_endpoint *endpoint, const char *name);

/**
 * It has this tag, or is of this service, or has a label for which the word
 * stands as NAME=VALUE.  Letters may be of any case.
 */
bool event_bears(const struct event_endpoint *endpoint, const char *word);

/** Service and so on, labels and tags are in `arena` from now on. */
void event_copy_known(struct event_endpoint *endpoint, struct arena *arena);

/** How many bytes that takes. */
size_t event_size_known(const struct event_endpoint *endpoint);

/** The same as JSON, which the caller frees: "" when there is nothing. */
char *event_encode_known(const struct event_endpoint *endpoint);

/** What event_encode_known() wrote: sets nothing else, strings live in
 * `arena`. */
void event_decode_known(
	const char *text, struct arena *arena, struct event_endpoint *endpoint);

/** As this reporter is to see it: with the ids of its place, if it has one. */
struct event event_for(const struct event *event, const char *reporter);

/** One lower-case token: "baseline", "opened", "changed", "closed",
 * "notice", "point", "digest", "reminder". */
const char *event_kind_name(enum event_kind kind);

/** Its endpoint has a metric, and this is a point of it. */
bool event_has_point(const struct event *event);

bool event_has_action(const struct event *event, enum event_action action);

/** "CREATE_INCIDENT" and so on, as the configuration spells it. */
const char *event_action_name(enum event_action action);

/** As JSON, all but the id; the caller frees it.  Never NULL. */
char *event_encode(const struct event *event);

/** What event_encode() wrote; strings live in `arena`. */
bool event_decode(const char *text, struct arena *arena, struct event *event,
	struct err *err);
