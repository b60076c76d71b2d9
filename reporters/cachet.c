#include "reporters/cachet.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/http/url.h"
#include "reporters/outcome.h"

enum {
	TIMEOUT_MIN_MS = 100,
	TIMEOUT_MAX_MS = 5 * 60 * 1000,
	RATE_MAX = 100 * 1000,
	LATE_DROPPED = 0,
	LATE_TOLD,
	RECONCILE_MAX_MS = 24 * 3600 * 1000,
};

/* It may come from the environment instead. */
#define ENV_API_URL "CACHET_API_URL"

static const struct conf_shape token_shape = {
	.what = "a text, or a list of providers that are tried in order",
	.number = true,
	.list = true,
};

struct cachet_settings {
	const char *name;
	struct conf_source api_url;
	const struct conf_node *token;
	int version;
	struct cachet_way way;
	int64_t timeout_ms;
	int64_t rate_limit;
	int late_outages;
	bool notify;
	bool silent;
	bool severity_updates;
	int reconcile;
	int64_t reconcile_ms;
};

static const struct conf_choice versions[] = {
	{ "auto", CACHET_AUTO },
	{ "2.3", CACHET_2_3 },
	{ "2.4", CACHET_2_4 },
	{ "3", CACHET_3 },
	{ "3.x", CACHET_3 },
	{ NULL, 0 },
};

static const struct conf_choice late_ways[] = {
	{ "drop", LATE_DROPPED },
	{ "tell", LATE_TOLD },
	{ NULL, 0 },
};

enum reconcile {
	RECONCILE_GENTLE = 0,
	RECONCILE_STRICT,
	RECONCILE_OFF,
};

static const struct conf_choice reconciles[] = {
	{ "gentle", RECONCILE_GENTLE },
	{ "strict", RECONCILE_STRICT },
	{ "off", RECONCILE_OFF },
	{ NULL, 0 },
};

static const struct conf_field fields[] = {
	{
		.key = "name",
		CONF_STRING(struct cachet_settings, name),
		.help = "What endpoints call it, where there are several; the "
			"environment is only for one without a name.",
	},
	{
		.key = "api_url",
		CONF_SOURCE(struct cachet_settings, api_url),
		.flags = CONF_OF_OLD,
		.variable = ENV_API_URL,
		.help = "Address of Cachet's API, such as "
			"https://status.example.net/api/v1, or .../api of "
			"Cachet 3.",
	},
	{
		.key = "version",
		CONF_CHOICE(struct cachet_settings, version, versions),
		.fallback = "auto",
		.help = "Which Cachet it is; auto finds it out, and notices "
			"when it becomes another.",
	},
	{
		.key = "token",
		CONF_TREE(struct cachet_settings, token),
		.flags = CONF_OF_OLD | CONF_SECRET,
		.variable = CACHET_ENV_TOKEN,
		.shape = &token_shape,
		.section = &cachet_provider_section,
		.help = "API token of a Cachet user; it stands in his profile.",
	},
	{
		.key = "headers",
		CONF_PAIRS(struct cachet_settings, way.headers),
		.flags = CONF_SECRET,
		.help = "More headers of each request, such as a proxy in "
			"front of Cachet wants.  Authorization is only for "
			"Cachet 2: with Cachet 3 the token is there.",
	},
	{
		.key = "ca_file",
		CONF_STRING(struct cachet_settings, way.ca_file),
		.flags = CONF_FILE,
		.otherwise = "who is trusted usually",
		.help = "A file of certificates in PEM: Cachet's must come "
			"from one of them.",
	},
	{
		.key = "insecure",
		CONF_BOOL(struct cachet_settings, way.insecure),
		.fallback = "false",
		.help = "Take any certificate, and so give the token to "
			"whoever answers.",
	},
	{
		.key = "timeout",
		CONF_DURATION(struct cachet_settings, timeout_ms,
			TIMEOUT_MIN_MS, TIMEOUT_MAX_MS),
		.fallback = "10s",
		.help = "How long to wait for an answer of Cachet.",
	},
	{
		.key = "rate_limit",
		CONF_INT(struct cachet_settings, rate_limit, 0, RATE_MAX),
		.fallback = "0",
		.help = "Requests a minute that it is sent at most; 0 for "
			"what Cachet 3 says that it takes, less a fifth for "
			"others, and any number with Cachet 2.",
	},
	{
		.key = "late_outages",
		CONF_CHOICE(struct cachet_settings, late_outages, late_ways),
		.fallback = "tell",
		.help = "What could not be told for a day, as Cachet was away: "
			"tell it for a month, with its true times, and as one "
			"incident if it is over; or drop it.",
	},
	{
		.key = "notify",
		CONF_BOOL(struct cachet_settings, notify),
		.fallback = "true",
		.help = "Let Cachet mail its subscribers about incidents.",
	},
	{
		.key = "silent",
		CONF_BOOL(struct cachet_settings, silent),
		.fallback = "false",
		.help = "Keep Cachet from mailing its subscribers about the "
			"status of components.",
	},
	{
		.key = "severity_updates",
		CONF_BOOL(struct cachet_settings, severity_updates),
		.fallback = "false",
		.help = "Say at an open incident that it became better or "
			"worse: by an update, or with Cachet 2.3 in its text.",
	},
	{
		.key = "reconcile",
		CONF_CHOICE(struct cachet_settings, reconcile, reconciles),
		.fallback = "gentle",
		.help = "What Cachet shows of ours is compared with the truth "
			"and mended; gentle leaves what somebody changed there "
			"while all was well, strict puts that back too.",
	},
	{
		.key = "reconcile_every",
		CONF_DURATION(struct cachet_settings, reconcile_ms, 0,
			RECONCILE_MAX_MS),
		.fallback = "5m",
		.help = "How often, besides at the start and when Cachet was "
			"away; a few percent more or less, and 0 for never.",
	},
	{ .key = NULL },
};

/* Settings. */

/* Not for one of several. */
static const char *
from_environment(const struct cachet_settings *settings, const char *name)
{
	const char *value = settings->name ? NULL : getenv(name);
	return value && *value != '\0' ? value : NULL;
}

static bool
read_api_url(const struct cachet_settings *settings, struct arena *arena,
	const char **api_url, struct err *err)
{
	const char *env = from_environment(settings, ENV_API_URL);
	const char *text = env ? env : settings->api_url.text;
	if (!text || *text == '\0')
		return err_set(err,
			CACHET_MISSING
			"api_url; it is the address of Cachet's API, "
			"such as https://status.example.net/api/v1");
	const char *url;
	if (!url_normalise(text, arena, &url, err))
		return env ? err_prefix(err, ENV_API_URL) : false;
	if (strchr(url, '?'))
		return err_set(err, "the address of an API has no query");

	char *trimmed = arena_dup(arena, url);
	size_t len = strlen(trimmed);
	while (len > 0 && trimmed[len - 1] == '/')
		trimmed[--len] = '\0';
	*api_url = trimmed;
	return true;
}

static void
check(const void *section, struct conf_reader *reader)
{
	struct arena *arena = conf_arena(reader);
	const char *ignored;
	struct err err;
	if (!read_api_url(section, arena, &ignored, &err))
		conf_reject(reader, "api_url", "%s", err.text);
	const struct cachet_settings *settings = section;
	cachet_token_check(settings->token,
		from_environment(settings, CACHET_ENV_TOKEN), reader);
	cachet_way_check(&settings->way, reader);
}

static void
destroy(struct reporter *reporter)
{
	struct cachet *cachet = (struct cachet *)reporter;
	arena_free(cachet->arena);
	free(cachet);
}

static struct reporter *
create(const void *section, struct err *err)
{
	const struct cachet_settings *settings = section;
	struct cachet *cachet = mem_zalloc(sizeof(*cachet));
	cachet->arena = arena_new();
	if (!read_api_url(settings, cachet->arena, &cachet->api_url, err)
		|| !cachet_token_read(settings->token,
			from_environment(settings, CACHET_ENV_TOKEN),
			cachet->arena, &cachet->source, err)) {
		destroy(&cachet->base);
		return NULL;
	}
	cachet->version = (enum cachet_generation)settings->version;
	cachet->way = settings->way;
	cachet->timeout_ms = settings->timeout_ms;
	cachet->rate_limit = settings->rate_limit;
	cachet->notify = settings->notify;
	cachet->silent = settings->silent;
	cachet->tells_changes = settings->severity_updates;
	cachet->base.look_every_ms = settings->reconcile_ms;
	cachet->base.look_strictly = settings->reconcile == RECONCILE_STRICT;
	cachet->base.look_never = settings->reconcile == RECONCILE_OFF;
	cachet->base.audience = AUDIENCE_ACTIONS;
	cachet->base.is_record = true;
	cachet->base.tells_late = settings->late_outages == LATE_TOLD;
	cachet->base.token_source = &cachet->source;
	cachet->base.api_url = cachet->api_url;
	cachet->base.id = mem_dup(arena_printf(cachet->arena, "cachet/%s",
		url_public(cachet->api_url, cachet->arena)));
	return &cachet->base;
}

/* Events. */

static void
add_incident(struct reporter_plan *plan)
{
	struct reporter_part *part = &plan->parts[plan->n++];
	part->kind = PART_EVENT;
	str_copy(part->lane, sizeof(part->lane), "incident");
}

static void
add_component(struct reporter_plan *plan, const struct event *event)
{
	struct reporter_part *part = &plan->parts[plan->n++];
	part->kind = PART_MIRROR;
	cachet_component_lane(event, part->lane);
}

static void
add_point(struct reporter_plan *plan, const struct event *event)
{
	struct reporter_part *part = &plan->parts[plan->n++];
	part->kind = PART_POINT;
	snprintf(part->lane, sizeof(part->lane), "metric/%" PRId64,
		event->endpoint.metric_id);
}

static bool
wants_incident(const struct reporter *reporter, const struct event *event)
{
	if (event->kind == EVENT_CHANGED)
		return ((const struct cachet *)reporter)->tells_changes;
	return event->kind == EVENT_OPENED || event->kind == EVENT_CLOSED
		|| (event->kind == EVENT_BASELINE && event->first);
}

static void
plan_event(const struct reporter *reporter, const struct event *event,
	struct reporter_plan *plan)
{
	const struct event_endpoint *endpoint = &event->endpoint;
	int64_t component = endpoint->component_id;
	for (size_t i = 0; i < endpoint->n_actions; i++) {
		enum event_action action = endpoint->actions[i];
		if (action == ACTION_CREATE_INCIDENT
			&& wants_incident(reporter, event))
			add_incident(plan);
		if (action == ACTION_UPDATE_STATUS && component > 0
			&& event->kind != EVENT_POINT)
			add_component(plan, event);
		if (action == ACTION_PUSH_METRICS && event_has_point(event))
			add_point(plan, event);
	}
	/*
	 * An incident sets the component, its update does not: without this it
	 * would stay red for ever.
	 */
	if (event->kind == EVENT_CLOSED && component > 0
		&& event_has_action(event, ACTION_CREATE_INCIDENT)
		&& !event_has_action(event, ACTION_UPDATE_STATUS))
		add_component(plan, event);
}

/* The token is of the step, all else of the reporter. */
static struct cachet
with_token(const struct reporter *reporter, const char *token)
{
	struct cachet cachet = *(const struct cachet *)reporter;
	cachet.token = token;
	return cachet;
}

static void
step_event(const struct reporter *reporter,
	const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step)
{
	struct cachet cachet = with_token(reporter, context->token);
	cachet.notify = cachet.notify && !context->is_test;
	if (!cachet_generation_find(&cachet, context, &answer, step))
		return;
	struct cachet_job job;
	cachet_job_init(&job, &cachet, context, answer, step);
	if (context->part->kind == PART_MIRROR)
		cachet_component_step(&job);
	else if (context->part->kind == PART_POINT)
		cachet_point_step(&job);
	else if (context->event->kind == EVENT_OPENED)
		cachet_open_step(&job);
	else if (context->event->kind == EVENT_CLOSED)
		cachet_close_step(&job);
	else if (context->event->kind == EVENT_CHANGED)
		cachet_change_step(&job);
	else if (context->event->first)
		cachet_leftover_step(&job);
	else
		cachet_mend_step(&job);
	cachet_generation_doubt(&cachet, answer, step);
}

static void
vet(const struct reporter *reporter, const char *token,
	const struct event_endpoint *endpoint,
	const struct http_response *answer, char *carry, struct arena *arena,
	struct reporter_step *step)
{
	const struct reporter_context context = {
		.token = token,
		.carry = carry,
		.arena = arena,
	};
	struct cachet cachet = with_token(reporter, token);
	if (!cachet_generation_find(&cachet, &context, &answer, step))
		return;
	cachet_vet_step(&cachet, endpoint, answer, carry, arena, step);
}

static void
undo(const struct reporter *reporter, const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step)
{
	struct cachet cachet = with_token(reporter, context->token);
	if (cachet_generation_find(&cachet, context, &answer, step))
		cachet_undo_step(&cachet, context, answer, step);
}

static void
look(const struct reporter *reporter, const struct reporter_context *context,
	const struct http_response *answer, struct reporter_view *view,
	struct reporter_step *step)
{
	struct cachet cachet = with_token(reporter, context->token);
	if (!cachet_generation_find(&cachet, context, &answer, step))
		return;
	cachet_list_step(&cachet, context, answer, view, step);
	cachet_generation_doubt(&cachet, answer, step);
}

static bool
owns(const struct reporter *reporter, const struct view_incident *incident,
	const struct event_endpoint *endpoint)
{
	struct cachet cachet = with_token(reporter, NULL);
	cachet.generation = cachet_generation_known(&cachet);
	return cachet_list_owns(&cachet, incident, endpoint);
}

static void
mend(const struct reporter *reporter, enum reporter_mend how, int64_t id,
	struct reporter_part *part, char *carry)
{
	(void)reporter;
	cachet_mend_plan(how, id, part, carry);
}

const struct reporter_type cachet_type = {
	.conf = {
		.name = "cachet",
		.section = {
			.name = "cachet",
			.size = sizeof(struct cachet_settings),
			.fields = fields,
			.of_old = true,
			.check = check,
		},
		.own_section = true,
		.help = "A status page of Cachet 2.3, 2.4 or 3.x.",
	},
	.create = create,
	.destroy = destroy,
	.plan = plan_event,
	.step = step_event,
	.limit = cachet_limit,
	.vet = vet,
	.undo = undo,
	.look = look,
	.owns = owns,
	.mend = mend,
};
