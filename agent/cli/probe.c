#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/cli/cli.h"
#include "agent/cli/config.h"
#include "agent/cli/limits.h"
#include "agent/cli/probe_json.h"
#include "agent/cli/probe_look.h"
#include "agent/cli/probe_text.h"
#include "agent/cli/probe_url.h"
#include "agent/cli/terminal.h"
#include "conf/conf.h"
#include "conf/suggest.h"

enum {
	TEXT_MAX = 1024 * 1024,
};

static const struct cli_option options[CLI_PROBE_OPTIONS + 1] = {
	[CLI_PROBE_CONFIG] = { "config", 'c', "CONFIG",
		"where NAME is to be found" },
	[CLI_PROBE_HEADER] = { "header", 'H', "HEADER",
		"'Name: value', any number of them; 'Name:' sends none" },
	[CLI_PROBE_INSECURE] = { "insecure", 'k', NULL,
		"accept any certificate" },
	[CLI_PROBE_JSON] = { "json", 'j', NULL,
		"one object with everything, for programs" },
	[CLI_PROBE_LATENCY] = { "latency", 0, "SECONDS",
		"slower than that is a WARNING; 0.5, 500ms" },
	[CLI_PROBE_METHOD] = { "method", 'X', "METHOD", "GET unless said" },
	[CLI_PROBE_REGEX] = { "regex", 0, "PATTERN",
		"the body must match it from its start on" },
	[CLI_PROBE_STATUS] = { "status", 0, "RANGE",
		"200-300 (without 300) unless said; 200, 2xx, 200,404" },
	[CLI_PROBE_TIMEOUT] = { "timeout", 't', "SECONDS",
		"for connection, headers, a pause in the body; 10" },
};

/* What keeps us from looking is unknown, and on stdout, as plugins have it. */
static int
say_unknown(const struct cli_args *args, const char *sentence)
{
	if (args->options[CLI_PROBE_JSON]) {
		json_t *json = cli_probe_json_error(sentence);
		json_dumpf(json, stdout, JSON_COMPACT);
		json_decref(json);
	} else {
		struct buf clean;
		buf_init(&clean, TEXT_MAX);
		cli_probe_add_clean(&clean, sentence);
		printf("UNKNOWN: %s", clean.data);
		buf_finish(&clean);
	}
	putchar('\n');
	return CLI_PROBE_UNKNOWN;
}

static void
show_json(
	const struct cli_probe_asked *asked, const struct cli_probe_seen *seen)
{
	json_t *json = cli_probe_json(asked, seen);
	json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
	putchar('\n');
	json_decref(json);
}

static void
show_text(
	const struct cli_probe_asked *asked, const struct cli_probe_seen *seen)
{
	struct cli_probe_page page = {
		.is_terminal = isatty(STDOUT_FILENO),
		.has_colours = cli_has_colours(STDOUT_FILENO),
		.columns = cli_columns(STDOUT_FILENO),
	};
	struct buf text;
	buf_init(&text, TEXT_MAX);
	cli_probe_text(&text, asked, seen, &page);
	fwrite(text.data, 1, text.len, stdout);
	buf_finish(&text);
}

static int
look(const struct cli_args *args, const struct cli_probe_asked *asked)
{
	struct cli_probe_seen seen;
	struct err err;
	int code;
	if (!cli_probe_look(asked, &seen, &err)) {
		code = say_unknown(args, err.text);
	} else {
		if (args->options[CLI_PROBE_JSON])
			show_json(asked, &seen);
		else
			show_text(asked, &seen);
		code = (int)cli_probe_state_of(seen.result.status);
	}
	cli_probe_forget(&seen);
	return code;
}

static int
look_at_url(const struct cli_args *args)
{
	struct arena *arena = arena_new();
	struct cli_probe_asked asked;
	struct cli_probe_url url;
	struct err err;
	int code = cli_probe_url(&url, args, arena, &asked, &err)
		? look(args, &asked)
		: cli_misuse(&cli_probe, "%s", err.text);
	arena_free(arena);
	return code;
}

static int
look_at_endpoint(const struct cli_args *args, const struct conf *conf,
	const struct conf_endpoint *endpoint)
{
	const char *option = cli_probe_url_option(args);
	if (option)
		return cli_misuse(&cli_probe,
			"%s is for a URL; \"%s\" is looked at as the "
			"configuration says",
			option, endpoint->name);
	struct cli_probe_asked asked = {
		.name = endpoint->name,
		.is_endpoint = true,
		.type = probe_type_of(endpoint->probe.variant),
		.settings = endpoint->probe.settings,
		.system_resolver = conf->resolver == CONF_RESOLVER_SYSTEM,
	};
	return look(args, &asked);
}

static bool
is_like_host(const char *word)
{
	return strpbrk(word, ".:/") || str_eq(word, "localhost");
}

static const struct conf_endpoint *
find(const struct conf *conf, struct conf_suggestion *near)
{
	const struct conf_endpoint *endpoints = conf->endpoints.items;
	for (size_t i = 0; i < conf->endpoints.count; i++) {
		if (str_eq(endpoints[i].name, near->word))
			return &endpoints[i];
		conf_suggest(near, endpoints[i].name);
	}
	return NULL;
}

static int
look_in_conf(
	const struct cli_args *args, const char *path, const struct conf *conf)
{
	struct conf_suggestion near = { .word = args->operand };
	const struct conf_endpoint *endpoint = find(conf, &near);
	if (endpoint)
		return look_at_endpoint(args, conf, endpoint);
	if (is_like_host(args->operand))
		return look_at_url(args);
	struct err err;
	err_set(&err, "there is no endpoint \"%s\" in %s%s%s%s", args->operand,
		path, near.best ? "; did you mean \"" : "",
		near.best ? near.best : "", near.best ? "\"?" : "");
	return say_unknown(args, err.text);
}

/* Its complaints are for stderr. */
static int
refuse_conf(const struct cli_args *args, const char *path)
{
	struct cli_config_count count;
	conf_free(cli_config_load(path, &count));
	struct err err;
	err_set(&err, "%s is wrong; `curlew check` tells all of it", path);
	return say_unknown(args, err.text);
}

static int
run(const struct cli_args *args)
{
	static const char no_conf[] =
		"there is no configuration to find that endpoint in: neither "
		"--config, nor $CURLEW_CONFIG, ./config.yml or "
		"/etc/curlew/config.yml; a URL has :// in it";
	const char *word = args->operand;
	const char *named = args->options[CLI_PROBE_CONFIG];
	if (!word)
		return cli_misuse(&cli_probe,
			"what is to be looked at, the NAME of an endpoint or "
			"a URL?");
	cli_limits();
	if (strstr(word, "://"))
		return look_at_url(args);

	const char *path = cli_config_path(named);
	if (!path && is_like_host(word))
		return look_at_url(args);
	if (!path)
		return say_unknown(args, no_conf);
	struct conf *conf = cli_config_load_quietly(path);
	if (!conf && is_like_host(word) && !named)
		return look_at_url(args);
	if (!conf)
		return refuse_conf(args, path);
	int code = look_in_conf(args, path, conf);
	conf_free(conf);
	return code;
}

const struct cli_verb cli_probe = {
	.name = "probe",
	.operand = "NAME|URL",
	.summary = "look once, now, and show all that was seen",
	.text = "Looks at an endpoint of the configuration, or at any URL, as "
		"`curlew run` would,\n"
		"and shows where the time went, what the answer was, which "
		"expectations it meets,\n"
		"and what to look at when it does not.  No running agent is "
		"needed; nothing is\n"
		"recorded, and nobody is told.\n"
		"\n"
		"NAME is looked for in --config, else in the configuration "
		"that `curlew run`\n"
		"would take.  What looks like a host or has :// is a URL.  "
		"Options that say how\n"
		"to look are for a URL; an endpoint is looked at as its "
		"configuration says,\n"
		"without its allowed_fails.\n"
		"\n"
		"examples:\n"
		"  curlew probe shop\n"
		"  curlew probe https://shop.example.net/health\n"
		"  curlew probe -X HEAD --status 200,204 shop.example.net\n"
		"  curlew probe --latency 0.5 --regex '.*\"ok\"' "
		"https://shop.example.net/\n"
		"  curlew probe -H 'Accept: text/html' -k "
		"https://192.0.2.7:8443/\n"
		"  curlew probe --json shop | jq .phases\n"
		"\n"
		"It is a plugin for Nagios and its like: the first line says "
		"it all, with the\n"
		"numbers behind a |.  Exit codes:\n"
		"  0  OK         operational\n"
		"  1  WARNING    performance issues\n"
		"  2  CRITICAL   partial or major outage\n"
		"  3  UNKNOWN    it could not look: no such NAME, no route, "
		"dead name servers,\n"
		"                or the command line was wrong\n",
	.options = options,
	.misuse = CLI_PROBE_UNKNOWN,
	.run = run,
};
