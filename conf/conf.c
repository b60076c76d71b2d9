#include "conf/conf.h"

#include <stdatomic.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/map.h"
#include "agent/base/str.h"
#include "conf/action.h"
#include "conf/chat.h"
#include "conf/digest.h"
#include "conf/document.h"
#include "conf/inbound.h"
#include "conf/migrate.h"
#include "conf/reader.h"
#include "conf/reminder.h"
#include "conf/settings.h"
#include "conf/variables.h"

#define COUNT_MAX 1e6
#define DAY_MS (24.0 * 3600 * 1000)
#define YEAR_MS (366.0 * 24 * 3600 * 1000)

enum {
	WORKERS_MAX = 64,
};

static const struct conf_choice actions[] = {
	{ "CREATE_INCIDENT", ACTION_CREATE_INCIDENT },
	{ "UPDATE_STATUS", ACTION_UPDATE_STATUS },
	{ "PUSH_METRICS", ACTION_PUSH_METRICS },
	{ NULL, 0 },
};

static const struct conf_choice latency_units[] = {
	{ "ms", CONF_UNIT_MILLISECONDS },
	{ "milliseconds", CONF_UNIT_MILLISECONDS },
	{ "s", CONF_UNIT_SECONDS },
	{ "seconds", CONF_UNIT_SECONDS },
	{ "m", CONF_UNIT_MINUTES },
	{ "minutes", CONF_UNIT_MINUTES },
	{ "h", CONF_UNIT_HOURS },
	{ "hours", CONF_UNIT_HOURS },
	{ NULL, 0 },
};

static const struct conf_choice resolvers[] = {
	{ "c-ares", CONF_RESOLVER_CARES },
	{ "system", CONF_RESOLVER_SYSTEM },
	{ NULL, 0 },
};

static const struct conf_shape cachet_shape = {
	.what = "a name, a list of names, or a map from names to maps of"
		" component_id and metric_id",
	.number = true,
	.map = true,
	.list = true,
};

static const struct conf_field endpoint_fields[] = {
	{ "name", CONF_STRING(struct conf_endpoint, name),
		.flags = CONF_REQUIRED | CONF_OF_OLD, .null = "None",
		.help = "What the endpoint is called; no two share a name." },
	{ "frequency", "interval",
		CONF_DURATION(struct conf_endpoint, frequency_ms, 1, YEAR_MS),
		.flags = CONF_OF_OLD, .fallback = "30s", .null = "30s",
		.help = "How often to look." },
	{ "allowed_fails",
		CONF_INT(struct conf_endpoint, allowed_fails, 0, COUNT_MAX),
		.flags = CONF_OF_OLD | CONF_LENIENT, .fallback = "0",
		.help = "How many failures in a row to forgive." },
	{ "recover_after",
		CONF_INT(struct conf_endpoint, recover_after, 1, COUNT_MAX),
		.fallback = "1",
		.help = "How many good results in a row to believe." },
	{ "component_id",
		CONF_INT(struct conf_endpoint, component_id, 0, CONF_ID_MAX),
		.flags = CONF_OF_OLD, .fallback = "0",
		.help = "The number of its component in Cachet; 0 for none." },
	{ "metric_id",
		CONF_INT(struct conf_endpoint, metric_id, 0, CONF_ID_MAX),
		.flags = CONF_OF_OLD, .fallback = "0",
		.help = "The number of its metric in Cachet; 0 for none." },
	{ "cachet", CONF_TREE(struct conf_endpoint, cachet),
		.otherwise = "the only one that there is",
		.shape = &cachet_shape,
		.help = "Where there are several Cachets: in which of them it"
			" is, by name.  Its component_id and metric_id are of"
			" that one; a map gives it others in each." },
	{ "action", CONF_CHOICES(struct conf_endpoint, action, actions),
		.flags = CONF_OF_OLD, .otherwise = "nothing",
		.help = "What to tell Cachet, in this order: CREATE_INCIDENT"
			" opens and closes incidents, UPDATE_STATUS shows how"
			" the component is, PUSH_METRICS gives a metric the"
			" latency of each probe." },
	{ "public_incidents", CONF_BOOL(struct conf_endpoint, public_incidents),
		.flags = CONF_OF_OLD | CONF_LENIENT, .fallback = "true",
		.null = "true",
		.help = "Whether visitors of Cachet see its incidents." },
	{ "latency_unit",
		CONF_CHOICE(struct conf_endpoint, latency_unit, latency_units),
		.flags = CONF_OF_OLD | CONF_OR_FALSE, .fallback = "s",
		.help = "The unit of the latency in Cachet's metric." },
	{ "report_to", CONF_STRINGS(struct conf_endpoint, report_to),
		.otherwise = "all of them",
		.help = "Which of the reporters hear of it, by their names." },
	{ "tags", CONF_STRINGS(struct conf_endpoint, tags),
		.help = "Words by which templates and maps of people know it,"
			" such as payments." },
	{ 0 },
};

static const struct conf_field probe_field = {
	"type",
	CONF_VARIANT(struct conf_endpoint, probe, CONF_PROBES),
	.variant = "http",
	.help = "What kind of probe looks at it.",
};

const struct conf_section conf_endpoint_section = {
	.name = "endpoint",
	.size = sizeof(struct conf_endpoint),
	.fields = endpoint_fields,
	.of_old = true,
	.inlined = &probe_field,
};

static const struct conf_shape workers_shape = {
	.what = "a number from 1 to 64, or auto",
	.pattern = "^(auto|[1-9]|[1-5][0-9]|6[0-4])$",
	.number = true,
};

static const struct conf_field document_fields[] = {
	{ "endpoints", CONF_LIST(struct conf, endpoints, conf_endpoint_section),
		.flags = CONF_OF_OLD, .unless = { "inbound", "chat" },
		.help = "What is watched." },
	{ "cachet", CONF_VARIANTS(struct conf, cachets, CONF_REPORTERS),
		.flags = CONF_OF_OLD | CONF_OR_ONE, .fixed = "cachet",
		.help = "The status page that is told by each `action`; or"
			" several, each with a name." },
	{ "webhooks", CONF_VARIANTS(struct conf, webhooks, CONF_REPORTERS),
		.flags = CONF_OF_OLD, .fixed = "webhook",
		.help = "URLs that are told of the incidents of Cachet." },
	{ "reporters", CONF_VARIANTS(struct conf, reporters, CONF_REPORTERS),
		.flags = CONF_NAMED,
		.help = "Who hears of every announcement." },
	{ "inbound", CONF_LIST(struct conf, inbound, conf_inbound_section),
		.help = "Other monitors that send their alerts here." },
	{ "chat", CONF_LIST(struct conf, chats, conf_chat_section),
		.help = "Where people speak with the agent." },
	{ "digests", CONF_LIST(struct conf, digests, conf_digest_section),
		.help = "How everything is, told every so often." },
	{ "reminders", CONF_LIST(struct conf, reminders, conf_reminder_section),
		.help = "What lasts, told again at growing intervals." },
	{ "actions", CONF_LIST(struct conf, actions, conf_action_section),
		.help = "What people may have done elsewhere, by a command." },
	{ "messages",
		CONF_SECTION(struct conf, messages, conf_messages_section,
			struct conf_messages),
		.flags = CONF_OF_OLD, .help = "The titles of what is told." },
	{ "server",
		CONF_SECTION(struct conf, server, conf_server_section,
			struct conf_server),
		.help = "The listener for people and programs." },
	{ "state", CONF_STRING(struct conf, state),
		.otherwise = "$STATE_DIRECTORY/curlew.db, else"
			     " /var/lib/curlew/curlew.db, else"
			     " $XDG_STATE_HOME/curlew/curlew.db, else"
			     " ~/.local/state/curlew/curlew.db",
		.help = "The file that remembers what was told." },
	{ "resolver", CONF_CHOICE(struct conf, resolver, resolvers),
		.fallback = "c-ares",
		.help = "Who looks names up: the agent itself, or the system"
			" as nsswitch.conf says." },
	{ "watch", CONF_BOOL(struct conf, watch), .fallback = "false",
		.help = "Reload by itself when this file changes." },
	{ "sandbox", CONF_BOOL(struct conf, sandbox), .fallback = "true",
		.help = "Give up, after the start, the rights to run programs,"
			" to write but to the state, and to read where nothing"
			" of it is." },
	{ "workers", CONF_STRING(struct conf, workers_text), .fallback = "auto",
		.shape = &workers_shape,
		.help = "How many threads probe; \"auto\" is one for each"
			" thousand endpoints, but no more than processors." },
	{ "blind_after", CONF_DURATION(struct conf, blind_after_ms, 0, DAY_MS),
		.fallback = "5m",
		.help = "How long to be unable to look at more than half of"
			" the endpoints before saying so; 0 for never." },
	{ 0 },
};

const struct conf_section conf_document = {
	.name = "config.yml",
	.size = sizeof(struct conf),
	.fields = document_fields,
	.of_old = true,
};

const char *
conf_reporter_name(const struct conf_chosen *chosen)
{
	return conf_chosen_text(chosen, "name");
}

struct conf_endpoint *
conf_open_endpoints(const struct conf *conf)
{
	union {
		const void *closed;
		struct conf_endpoint *open;
	} endpoints = { .closed = conf->endpoints.items };
	return endpoints.open;
}

static void
find_state(struct conf *conf, struct conf_reader *reader)
{
	struct err err;
	if (conf_given(reader, "state")) {
		if (conf->state && *conf->state == '\0')
			conf_reject(reader, "state", "must not be empty");
		if (conf->state)
			return;
	}
	conf->state = conf_default_state(conf->arena, &err);
	if (!conf->state)
		conf_reject(reader, "state", "%s", err.text);
}

static void
add_text(void *cookie, const char *text, void *thing)
{
	const char ***next = cookie;
	(void)thing;
	*(*next)++ = text;
}

/* As a list. */
static struct conf_list
keep_texts(struct conf *conf, const struct map *texts)
{
	size_t n = map_count(texts);
	const char **list =
		arena_alloc(conf->arena, (n + 1) * sizeof(const char *));
	const char **next = list;
	map_each(texts, add_text, &next);
	for (size_t i = 0; i < n; i++)
		list[i] = arena_dup(conf->arena, list[i]);
	return (struct conf_list){ .items = list, .count = n };
}

static void
read_workers(struct conf *conf, struct conf_reader *reader)
{
	const char *text = conf->workers_text;
	if (!text || str_eq(text, "auto"))
		return;
	if (!str_int(text, &conf->workers) || conf->workers < 1
		|| conf->workers > WORKERS_MAX)
		conf_reject(reader, "workers",
			"expected a number from 1 to %d, or auto; got \"%s\"",
			WORKERS_MAX, text);
}

static void
on_nothing(void *cookie, enum conf_severity severity, const char *message)
{
	(void)cookie, (void)severity, (void)message;
}

/* `age` NULL: it is read as it stands. */
static struct conf *
load(const char *path, const struct conf_text *text,
	const struct conf_types *types, const struct conf_listener *listener,
	enum conf_age *age)
{
	struct conf_reader reader;
	struct arena *arena = arena_new();
	struct conf *conf = conf_reader_open(
		&reader, path, text, &conf_document, types, arena);
	if (age && (*age = conf_age_of(&reader.tree)) != CONF_OF_TODAY) {
		conf_reader_close(&reader, on_nothing, NULL);
		arena_free(arena);
		return NULL;
	}
	if (conf) {
		conf->arena = arena;
		conf_hold(conf);
		conf_check_document(conf, &reader);
		conf_check_messages(&reader);
		conf_complete_endpoints(conf, &reader);
		find_state(conf, &reader);
		read_workers(conf, &reader);
		conf->files = keep_texts(conf, reader.files);
		conf->secrets = keep_texts(conf, reader.secrets);
		conf_check_variables(&reader, conf);
	}
	if (conf_reader_close(&reader, listener->complain, listener->cookie))
		return conf;
	arena_free(arena);
	return NULL;
}

struct conf *
conf_load(const char *path, const struct conf_types *types,
	conf_complain_fn *complain, void *cookie)
{
	enum conf_age age = CONF_OF_TODAY;
	struct conf_listener listener = { complain, cookie };
	struct conf *conf = load(path, NULL, types, &listener, &age);
	if (age != CONF_OF_TODAY
		&& !conf_load_older(path, age, types, &listener, &conf))
		conf = load(path, NULL, types, &listener, NULL);
	return conf;
}

struct conf *
conf_load_text(const char *path, const struct conf_text *text,
	const struct conf_types *types, conf_complain_fn *complain,
	void *cookie)
{
	struct conf_listener listener = { complain, cookie };
	return load(path, text, types, &listener, NULL);
}

struct conf *
conf_hold(struct conf *conf)
{
	if (conf)
		atomic_fetch_add(&conf->holders, 1);
	return conf;
}

void
conf_free(struct conf *conf)
{
	if (conf && atomic_fetch_sub(&conf->holders, 1) == 1)
		arena_free(conf->arena);
}

static bool
has_same_titles(const struct event_titles *a, const struct event_titles *b)
{
	return str_eq(a->outage, b->outage)
		&& str_eq(a->performance, b->performance)
		&& str_eq(a->operational, b->operational);
}

unsigned
conf_endpoint_differs(
	const struct conf_endpoint *a, const struct conf_endpoint *b)
{
	if (!conf_chosen_same(&a->probe, &b->probe)
		|| a->frequency_ms != b->frequency_ms)
		return CONF_PROBED_OTHERWISE | CONF_TOLD_OTHERWISE;
	bool same = conf_settings_same(&conf_endpoint_section, a, b)
		&& a->report_to_all == b->report_to_all
		&& has_same_titles(&a->titles, &b->titles);
	return same ? 0 : CONF_TOLD_OTHERWISE;
}
