#include "conf/inbound.h"

#include <string.h>

#include "agent/base/map.h"
#include "agent/base/str.h"
#include "conf/document.h"
#include "conf/reader.h"
#include "conf/secret.h"

#define DAY_MS (24.0 * 3600 * 1000)
#define RATE_MAX 1e6

enum {
	TOKEN_MIN = 8,
};

static const struct conf_choice types[] = {
	{ "alertmanager", CONF_INBOUND_ALERTMANAGER },
	{ "cloudmonitor", CONF_INBOUND_CLOUDMONITOR },
	{ "eventbridge", CONF_INBOUND_EVENTBRIDGE },
	{ "gcp", CONF_INBOUND_GCP },
	{ "generic", CONF_INBOUND_GENERIC },
	{ "sns", CONF_INBOUND_SNS },
	{ NULL, 0 },
};

const char *
conf_inbound_type_name(int type)
{
	return types[type].name;
}

static const struct conf_field match_fields[] = {
	{ "subject", CONF_STRING(struct conf_inbound_match, subject),
		.help = "What it is about, such as a host; `*` stands for"
			" anything." },
	{ "service", CONF_STRING(struct conf_inbound_match, service),
		.help = "The service that it is about, such as EC2." },
	{ "category", CONF_STRING(struct conf_inbound_match, category),
		.help = "What kind of message it is, such as issue." },
	{ "account", CONF_STRING(struct conf_inbound_match, account),
		.help = "The account or project." },
	{ "region", CONF_STRING(struct conf_inbound_match, region),
		.help = "The region." },
	{ "severity", CONF_STRING(struct conf_inbound_match, severity),
		.help = "How bad it is, in the words of the sender." },
	{ "labels", CONF_PAIRS(struct conf_inbound_match, labels),
		.help = "Labels that it must have." },
	{ 0 },
};

static const struct conf_section match_section = {
	.name = "match",
	.size = sizeof(struct conf_inbound_match),
	.fields = match_fields,
};

static void
check_rule(const void *section, struct conf_reader *reader)
{
	const struct conf_inbound_rule *rule = section;
	if (rule->drop && rule->report_to.count > 0)
		conf_reject(reader, "drop",
			"what is dropped cannot be reported as well");
	if (!rule->drop && rule->report_to.count == 0)
		conf_reject(
			reader, NULL, "needs a report_to, or \"drop: true\"");
}

static const struct conf_field rule_fields[] = {
	{ "match",
		CONF_SECTION(struct conf_inbound_rule, match, match_section,
			struct conf_inbound_match),
		.otherwise = "all of them",
		.help = "Which messages the rule is for." },
	{ "report_to", CONF_STRINGS(struct conf_inbound_rule, report_to),
		.otherwise = "nobody at all",
		.help = "Which reporters hear of them, by their names." },
	{ "drop", CONF_BOOL(struct conf_inbound_rule, drop),
		.fallback = "false", .help = "Take them, and forget them." },
	{ 0 },
};

static const struct conf_section rule_section = {
	.name = "rule",
	.size = sizeof(struct conf_inbound_rule),
	.fields = rule_fields,
	.check = check_rule,
};

static void
check_credentials(const struct conf_inbound *source, struct conf_reader *reader)
{
	bool some = source->user || source->token || source->key;
	if (!source->user != !source->password)
		conf_reject(reader, source->user ? "user" : "password",
			"needs a %s beside it",
			source->user ? "password" : "user");
	if (source->user && (!*source->user || strchr(source->user, ':')))
		conf_reject(reader, "user",
			"must not be empty, and has no colon in it");
	conf_check_strength(reader, "password", source->password, 1);
	conf_check_strength(reader, "token", source->token, TOKEN_MIN);
	conf_check_strength(reader, "key", source->key, TOKEN_MIN);
	if (!some && source->type != CONF_INBOUND_SNS)
		conf_reject(reader, NULL,
			"needs a user and password, a token, or a key: else "
			"anybody could send");
	if (!some && source->raw)
		conf_reject(reader, "raw",
			"needs a user and password, a token, or a key, since "
			"raw messages are not signed");
}

const char *
conf_path_fault(const char *path)
{
	if (path[0] != '/' || strpbrk(path, "?# "))
		return "expected a path, such as /inbound/gcp or /slack";
	if (str_starts(path, "/-/") || str_starts(path, "/metrics"))
		return "the agent answers something else there";
	return NULL;
}

static void
check_source(const void *section, struct conf_reader *reader)
{
	const struct conf_inbound *source = section;
	bool is_sns = source->type == CONF_INBOUND_SNS;
	check_credentials(source, reader);
	const char *wrong = conf_path_fault(source->path);
	if (wrong)
		conf_reject(reader, "path", "%s", wrong);
	if (is_sns && source->topics.count == 0)
		conf_reject(reader, "topics",
			"name the topics that may send, by their ARNs");
	if (!is_sns && source->topics.count > 0)
		conf_reject(reader, "topics", "is for \"type: sns\" alone");
	if (!is_sns && source->raw)
		conf_reject(reader, "raw", "is for \"type: sns\" alone");
	if (!is_sns && source->certificate)
		conf_reject(
			reader, "certificate", "is for \"type: sns\" alone");
}

static const struct conf_field source_fields[] = {
	{ "name", CONF_STRING(struct conf_inbound, name),
		.flags = CONF_REQUIRED,
		.help = "What the source is called; what it speaks of is shown"
			" as NAME/SUBJECT." },
	{ "type", CONF_CHOICE(struct conf_inbound, type, types),
		.flags = CONF_REQUIRED, .help = "Who sends." },
	{ "path", CONF_STRING(struct conf_inbound, path),
		.flags = CONF_REQUIRED,
		.help = "Where on the server it is sent to." },
	{ "user", CONF_STRING(struct conf_inbound, user),
		.help = "Who the sender says to be, by HTTP Basic." },
	{ "password", CONF_STRING(struct conf_inbound, password),
		.flags = CONF_SECRET, .help = "The password to the user." },
	{ "token", CONF_STRING(struct conf_inbound, token),
		.flags = CONF_SECRET,
		.help = "What the sender has as `auth_token` or `token` in the"
			" query, or as \"Authorization: Bearer TOKEN\"." },
	{ "header", CONF_STRING(struct conf_inbound, header),
		.fallback = "X-Curlew-Key",
		.help = "The header in which the sender has the key." },
	{ "key", CONF_STRING(struct conf_inbound, key), .flags = CONF_SECRET,
		.help = "What the sender has in the header." },
	{ "report_to", CONF_STRINGS(struct conf_inbound, report_to),
		.otherwise = "all of them",
		.help = "Which of the reporters hear of it, by their names." },
	{ "rules", CONF_LIST(struct conf_inbound, rules, rule_section),
		.help = "Who else hears of some of it: the first rule that"
			" matches decides." },
	{ "rate_limit", CONF_INT(struct conf_inbound, rate_limit, 0, RATE_MAX),
		.fallback = "6000",
		.help = "Requests a minute that are taken; the rest is to come"
			" again. 0 for any number." },
	{ "expire",
		CONF_DURATION(
			struct conf_inbound, expire_ms, 1000, 366 * DAY_MS),
		.fallback = "1d",
		.help = "When to close a problem of which the sender never says"
			" that it is over." },
	{ "topics", CONF_STRINGS(struct conf_inbound, topics),
		.help = "For sns: the ARNs of the topics that may send." },
	{ "confirm", CONF_BOOL(struct conf_inbound, confirm),
		.fallback = "true",
		.help = "For sns: confirm subscriptions to these topics." },
	{ "raw", CONF_BOOL(struct conf_inbound, raw), .fallback = "false",
		.help = "For sns: take raw messages, which are not signed." },
	{ "certificate", CONF_STRING(struct conf_inbound, certificate),
		.otherwise = "fetched from where messages say",
		.help = "For sns: the certificate that signs, in PEM, for who"
			" cannot fetch it, such as ${file:/etc/sns.pem}." },
	{ 0 },
};

const struct conf_section conf_inbound_section = {
	.name = "inbound",
	.size = sizeof(struct conf_inbound),
	.fields = source_fields,
	.check = check_source,
};

/* Between sections. */

static void
check_reporters(struct conf_reader *reader, size_t index,
	const struct conf_list *wanted, const struct map *reporters)
{
	const char *const *names = wanted->items;
	for (size_t i = 0; i < wanted->count; i++)
		if (*names[i] != '\0' && !map_get(reporters, names[i]))
			conf_reject_item(reader, "inbound", index, "report_to",
				"no reporter is named \"%.80s\"; see "
				"\"reporters:\"",
				names[i]);
}

static void
check_rules(struct conf_reader *reader, size_t index,
	const struct conf_inbound *source, const struct map *reporters)
{
	const struct conf_inbound_rule *rules = source->rules.items;
	check_reporters(reader, index, &source->report_to, reporters);
	for (size_t i = 0; i < source->rules.count; i++)
		check_reporters(reader, index, &rules[i].report_to, reporters);
}

static void
check_twins(struct conf_reader *reader, const struct conf_inbound *sources,
	size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (sources[i].name
			&& str_eq(sources[i].name, sources[index].name))
			conf_reject_item(reader, "inbound", index, "name",
				"is the name of inbound[%zu] already; each "
				"needs its own",
				i);
		if (sources[i].path && sources[index].path
			&& str_eq(sources[i].path, sources[index].path))
			conf_reject_item(reader, "inbound", index, "path",
				"is the path of inbound[%zu] already; each "
				"needs its own",
				i);
	}
}

/* Names in the list of endpoints are not to be mistaken for one another. */
static void
check_names(const struct conf *conf, struct conf_reader *reader, size_t index,
	const char *name)
{
	const struct conf_endpoint *endpoints = conf->endpoints.items;
	size_t len = strlen(name);
	if (len == 0 || strchr(name, '/'))
		conf_reject_item(reader, "inbound", index, "name",
			"must not be empty, and has no slash in it");
	for (size_t i = 0; i < conf->endpoints.count; i++)
		if (endpoints[i].name && str_starts(endpoints[i].name, name)
			&& endpoints[i].name[len] == '/')
			conf_reject_item(reader, "inbound", index, "name",
				"the endpoint \"%.80s\" begins with it and a "
				"slash, as what the source speaks of does",
				endpoints[i].name);
}

void
conf_check_inbound(const struct conf *conf, struct conf_reader *reader,
	const struct map *reporters)
{
	const struct conf_inbound *sources = conf->inbound.items;
	if (conf->inbound.count > 0 && !conf->server)
		conf_reject(reader, "inbound",
			"needs a \"server:\" that listens for it");
	for (size_t i = 0; i < conf->inbound.count; i++) {
		if (!sources[i].name)
			continue;
		check_names(conf, reader, i, sources[i].name);
		check_twins(reader, sources, i);
		check_rules(reader, i, &sources[i], reporters);
	}
}
