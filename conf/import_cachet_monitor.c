/*
 * cachet-monitor, written in Go: its YAML and its JSON, of 3 and of 2.  Its
 * keys count in any case.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/http/response.h"
#include "agent/http/url.h"
#include "conf/import_parts.h"
#include "conf/quote.h"
#include "conf/scalar.h"
#include "conf/yaml.h"

enum {
	LOOKED_AT = 10, /* probes, of which `threshold` is a part */
	INTERVAL = 60,
	INTERVAL_MAX = 366 * 24 * 60 * 60,
	TIMEOUT = 1,
	TIMEOUT_MAX = 60 * 60,
	NUMBER_MAX = 2147483647,
};

struct monitor {
	struct conf_importer *importer;
	const struct conf_yaml *map;
	const char *name;
	struct conf_mark mark;
};

/* A list or a map where a scalar should be. */
static bool
has_more(const struct conf_yaml *map, const char *key)
{
	const struct conf_yaml_item *item = conf_import_find(map, key);
	return item && !conf_yaml_is_scalar(&item->value);
}

static void
lose(const struct monitor *monitor, const char *key, const char *why)
{
	const struct conf_yaml_item *item = conf_import_find(monitor->map, key);
	conf_note(&monitor->importer->move, CONF_NOTE_LOST,
		item ? item->mark : monitor->mark, "%.100s: %.40s: %.200s",
		monitor->name, key, why);
}

static void
explain(const struct monitor *monitor, const char *key, const char *what)
{
	const struct conf_yaml_item *item = conf_import_find(monitor->map, key);
	conf_note(&monitor->importer->move, CONF_NOTE_MEANING,
		item ? item->mark : monitor->mark, "%.100s: %.40s: %.200s",
		monitor->name, key, what);
}

/* A whole number above zero, or what stands for none. */
static int64_t
number_at(const struct monitor *monitor, const char *key, int64_t otherwise)
{
	double real;
	const char *text = conf_import_text(monitor->map, key);
	if (!text) {
		if (has_more(monitor->map, key))
			lose(monitor, key, "it is no number");
		return otherwise;
	}
	if (str_number(text, &real) && real >= 0 && real <= NUMBER_MAX
		&& floor(real) == real)
		return real > 0 ? (int64_t)real : otherwise;
	lose(monitor, key, "it is no whole number");
	return otherwise;
}

static const char *
value_of(const struct monitor *monitor, int64_t number)
{
	return arena_printf(monitor->importer->arena, "%" PRId64, number);
}

/* Seconds that are not more than we take. */
static const char *
seconds_at(const struct monitor *monitor, const char *key, int64_t otherwise,
	int64_t most)
{
	int64_t seconds = number_at(monitor, key, otherwise);
	if (seconds > most) {
		lose(monitor, key, "it is longer than anything here may be");
		seconds = most;
	}
	return value_of(monitor, seconds);
}

/* Expectations */

static void
add_rule(struct conf_draft_endpoint *endpoint, const char *type,
	const char *key, const char *value)
{
	endpoint->rules[endpoint->n_rules++] = (struct conf_draft_rule){
		.type = type,
		.key = key,
		.value = value,
		.is_text = str_eq(key, "regex"),
		.incident = "PARTIAL",
	};
}

static void
read_expectations(
	const struct monitor *monitor, struct conf_draft_endpoint *endpoint)
{
	struct err err;
	int64_t status = number_at(monitor, "expected_status_code", 0);
	if (status >= 100 && status <= 599)
		add_rule(endpoint, "HTTP_STATUS", "status_range",
			value_of(monitor, status));
	else if (status != 0)
		lose(monitor, "expected_status_code",
			"it is none between 100 and 599");
	const char *body = conf_import_text(monitor->map, "expected_body");
	const char *pattern = body && *body != '\0'
		? conf_import_go_pattern(monitor->importer, body, &err)
		: NULL;
	if (pattern)
		add_rule(endpoint, "REGEX", "regex", pattern);
	else if (body && *body != '\0')
		lose(monitor, "expected_body", err.text);
	else if (has_more(monitor->map, "expected_body"))
		lose(monitor, "expected_body", "it is no text");
}

/* Of the last ten, more than so many of a hundred; or a count of failures. */
static void
read_threshold(
	const struct monitor *monitor, struct conf_draft_endpoint *endpoint)
{
	double percent = 0;
	const char *text = conf_import_text(monitor->map, "threshold");
	bool counts = conf_import_is_true(monitor->map, "threshold_count");
	if (text && (!str_number(text, &percent) || percent < 0)) {
		lose(monitor, "threshold", "it is no number");
		percent = 0;
	}
	if (counts && percent >= 1 && percent <= 1000000) {
		endpoint->allowed_fails =
			value_of(monitor, (int64_t)ceil(percent) - 1);
		return;
	}
	int64_t needed = percent <= 0 || percent >= 100
		? LOOKED_AT
		: (int64_t)floor(percent * LOOKED_AT / 100) + 1;
	endpoint->allowed_fails = value_of(monitor, needed - 1);
	explain(monitor, "threshold",
		percent <= 0 || percent >= 100
			? "without one that can be passed nothing was ever "
			  "told; now 10 failures in a row are"
			: arena_printf(monitor->importer->arena,
				"was %" PRId64 " failures of the last 10, is "
				"%" PRId64 " in a row",
				needed, needed));
}

/* Headers */

static void
read_headers(
	const struct monitor *monitor, struct conf_draft_endpoint *endpoint)
{
	const struct conf_yaml_item *item =
		conf_import_find(monitor->map, "headers");
	if (!item || item->value.kind == CONF_NODE_NULL)
		return;
	if (item->value.kind != CONF_NODE_MAP) {
		lose(monitor, "headers", "they are no map");
		return;
	}
	struct conf_draft_pair *pairs = arena_alloc(monitor->importer->arena,
		(item->value.count + 1) * sizeof(*pairs));
	for (size_t i = 0; i < item->value.count; i++) {
		const struct conf_yaml_item *one = &item->value.items[i];
		if (!conf_yaml_is_scalar(&one->value) || one->repeated
			|| !http_is_token(one->key)
			|| !http_is_header_value(one->value.text)) {
			lose(monitor, "headers", "one of them can be none");
			continue;
		}
		pairs[endpoint->n_header++] = (struct conf_draft_pair){
			one->key,
			one->value.kind == CONF_NODE_NULL ? "" : one->value.text
		};
	}
	endpoint->header = pairs;
}

/* What is told to Cachet */

static void
read_ids(const struct monitor *monitor, struct conf_draft_endpoint *endpoint)
{
	endpoint->component_id = number_at(monitor, "component_id", 0);
	endpoint->metric_id = number_at(monitor, "metric_id", 0);
	bool component = endpoint->component_id > 0;
	bool metric = endpoint->metric_id > 0;
	if (component && metric)
		endpoint->action =
			"CREATE_INCIDENT, UPDATE_STATUS, PUSH_METRICS";
	else if (component)
		endpoint->action = "CREATE_INCIDENT, UPDATE_STATUS";
	else if (metric)
		endpoint->action = "PUSH_METRICS";
	if (metric)
		endpoint->latency_unit = "ms";
	if (component)
		endpoint->public_incidents = "true";
}

/* What is carried over, here or elsewhere. */
static const char *const keys[] = {
	"name",
	"target",
	"url",
	"type",
	"method",
	"headers",
	"strict",
	"strict_tls",
	"interval",
	"timeout",
	"expected_status_code",
	"expected_body",
	"component_id",
	"metric_id",
	"threshold",
	"threshold_count",
	"enabled",
	"template",
};

static void
lose_unknown(const struct monitor *monitor)
{
	for (size_t i = 0; i < monitor->map->count; i++) {
		const struct conf_yaml_item *item = &monitor->map->items[i];
		size_t k = 0;
		while (k < sizeof(keys) / sizeof(keys[0])
			&& !str_ieq(item->key, keys[k]))
			k++;
		if (k == sizeof(keys) / sizeof(keys[0]))
			lose(monitor, item->key, "there is nothing like it");
	}
}

/* Go takes nothing else for a text or a boolean, and stops. */

static bool
is_among(const char *key, const char *const *names)
{
	for (; *names; names++)
		if (str_ieq(key, *names))
			return true;
	return false;
}

static void
lose_misfits(const struct monitor *monitor)
{
	static const char *const texts[] = { "type", "method", NULL };
	static const char *const booleans[] = { "strict", "strict_tls",
		"threshold_count", "enabled", NULL };
	for (size_t i = 0; i < monitor->map->count; i++) {
		const struct conf_yaml_item *item = &monitor->map->items[i];
		const struct conf_yaml *value = &item->value;
		bool scalar = conf_yaml_is_scalar(value);
		if ((str_ieq(item->key, "name") && !scalar)
			|| (is_among(item->key, texts)
				&& value->kind != CONF_NODE_TEXT
				&& value->kind != CONF_NODE_NULL))
			lose(monitor, item->key, "it is no text");
		else if (str_ieq(item->key, "threshold") && !scalar)
			lose(monitor, item->key, "it is no number");
		else if (is_among(item->key, booleans)
			&& conf_import_is_no_boolean(item))
			lose(monitor, item->key,
				"it is neither true nor false");
	}
}

/* A monitor */

static void
read_tls(const struct monitor *monitor, struct conf_draft_endpoint *endpoint)
{
	bool strict = conf_import_is_true(monitor->map, "strict")
		|| conf_import_is_true(monitor->map, "strict_tls");
	endpoint->insecure = !strict;
	if (!strict)
		conf_note(&monitor->importer->move, CONF_NOTE_CHANGED,
			monitor->mark,
			"%.100s: without `strict`, any certificate was good "
			"enough; `insecure: true` says so, take it away if "
			"you can",
			monitor->name);
}

static const char *
read_method(const struct monitor *monitor)
{
	const char *method = conf_import_only_text(monitor->map, "method");
	if (!method || *method == '\0')
		return "GET";
	if (!http_is_token(method)) {
		lose(monitor, "method", "there is none of that name");
		return "GET";
	}
	char *copy = arena_dup(monitor->importer->arena, method);
	for (char *at = copy; *at != '\0'; at++)
		if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
	return copy;
}

/* The monitor as a whole is lost by it; false, to be returned. */
static bool
give_up(const struct monitor *monitor, const char *key, const char *why)
{
	struct conf_importer *importer = monitor->importer;
	lose(monitor, key, why);
	if (importer->unwatched)
		return false;
	importer->unwatched = arena_printf(
		importer->arena, "%.100s: %s: %s", monitor->name, key, why);
	importer->unwatched_mark = monitor->mark;
	return false;
}

static bool
is_http(const struct monitor *monitor, const char *url)
{
	struct err err;
	const char *whole;
	const struct conf_yaml *map = monitor->map;
	const char *type = conf_import_only_text(map, "type");
	if (type && *type != '\0' && !str_ieq(type, "http"))
		return give_up(monitor, "type",
			str_ieq(type, "dns") ? "DNS is not watched yet"
					     : "nothing is known of it");
	if (!url
		&& (conf_import_text(map, "target") || has_more(map, "target")))
		return give_up(monitor, "target", "it is no text");
	if (!url || *url == '\0')
		return give_up(monitor, "target", "it has none");
	if (!url_normalise(url, monitor->importer->arena, &whole, &err))
		return give_up(monitor, "target", err.text);
	if (!strstr(url, "://"))
		explain(monitor, "target",
			"http:// is taken in front of it; without, Go could "
			"not look at it");
	return true;
}

static void
read_monitor(struct conf_importer *importer, const struct conf_yaml *map,
	int64_t interval)
{
	struct monitor monitor = { importer, map, "", map->mark };
	const char *url = conf_import_only_text(map, "target");
	const char *name = conf_import_text(map, "name");
	url = url ? url : conf_import_only_text(map, "url");
	monitor.name = name && *name != '\0' ? name : url ? url : "?";
	lose_misfits(&monitor);
	if (!is_http(&monitor, url))
		return;
	struct conf_draft_endpoint endpoint = {
		.name = monitor.name,
		.url = url,
		.method = read_method(&monitor),
		.timeout =
			seconds_at(&monitor, "timeout", TIMEOUT, TIMEOUT_MAX),
		.on_timeout = "PARTIAL",
		.frequency = seconds_at(
			&monitor, "interval", interval, INTERVAL_MAX),
	};
	read_headers(&monitor, &endpoint);
	read_tls(&monitor, &endpoint);
	read_expectations(&monitor, &endpoint);
	read_threshold(&monitor, &endpoint);
	read_ids(&monitor, &endpoint);
	lose_unknown(&monitor);
	const char *enabled = conf_import_text(map, "enabled");
	bool paused = enabled && conf_scalar_is_bool_word(enabled)
		&& !conf_scalar_bool(enabled);
	if (paused)
		conf_import_add_paused(importer, map->mark, &endpoint);
	else
		conf_import_add(importer, map->mark, &endpoint);
	conf_note(&importer->move, CONF_NOTE_CHANGED, map->mark, "%.100s: %s",
		endpoint.name,
		paused ? "not enabled, and so a comment" : "is an endpoint");
}

/* The rest */

static void
lose_rest(struct conf_importer *importer, const struct conf_yaml *root)
{
	static const char *const known[] = { "api", "api_url", "api_token",
		"insecure_api", "interval", "monitors", NULL };
	for (size_t i = 0; i < root->count; i++) {
		const char *key = root->items[i].key;
		size_t k = 0;
		while (known[k] && !str_ieq(known[k], key))
			k++;
		if (!known[k])
			conf_note(&importer->move, CONF_NOTE_LOST,
				root->items[i].mark,
				"%.80s: there is nothing like it", key);
	}
}

static bool
read_root(struct conf_importer *importer, const struct conf_yaml *root)
{
	const struct conf_yaml_item *list = conf_import_find(root, "monitors");
	if (!list)
		return conf_import_refuse(importer, root->mark,
			"this is neither a configuration of cachet-monitor, "
			"with `monitors`, nor a table of UptimeRobot");
	if (list->value.kind != CONF_NODE_LIST)
		return conf_import_refuse(
			importer, list->mark, "monitors: expected a list");
	for (size_t i = 0; i < list->value.count; i++)
		if (list->value.items[i].value.kind != CONF_NODE_MAP)
			return conf_import_refuse(importer,
				list->value.items[i].value.mark,
				"monitors: expected a map");
	if (!conf_import_cachet_api(importer, root))
		return false;
	/* In version 2 there was one for all. */
	const struct monitor all = { importer, root, "all", root->mark };
	int64_t interval = number_at(&all, "interval", INTERVAL);
	for (size_t i = 0; i < list->value.count; i++)
		read_monitor(importer, &list->value.items[i].value, interval);
	conf_import_templates(
		importer, &list->value, conf_import_text(root, "system_name"));
	lose_rest(importer, root);
	conf_note(&importer->move, CONF_NOTE_MEANING, list->mark,
		"incidents: are PARTIAL; there, a component that was PARTIAL "
		"already became MAJOR");
	return true;
}

/* They are those of another text. */
static void
forget_places(struct conf_importer *importer)
{
	const struct conf_mark nowhere = { 0 };
	for (struct conf_note *note = importer->move.notes; note;
		note = note->next)
		note->mark = nowhere;
}

bool
conf_import_cachet_monitor(
	struct conf_importer *importer, const char *text, size_t len)
{
	struct conf_yaml root;
	bool elsewhere = false;
	if (!conf_import_read(importer, text, len, &root, &elsewhere)
		|| !read_root(importer, &root)) {
		if (elsewhere)
			*importer->where = (struct conf_mark){ 0 };
		return false;
	}
	if (elsewhere)
		forget_places(importer);
	return true;
}
