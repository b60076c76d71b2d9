#include "agent/cli/probe_url.h"

#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/duration.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/cli/cli.h"
#include "agent/http/url.h"
#include "probes/http.h"

enum {
	TIMEOUT_MS = 10 * 1000, /* as in a configuration */
	TIMEOUT_MOST_MS = 3600 * 1000,
};

static const struct {
	enum cli_probe_option option;
	const char *name;
} of_urls[] = {
	{ CLI_PROBE_HEADER, "--header" },
	{ CLI_PROBE_INSECURE, "--insecure" },
	{ CLI_PROBE_LATENCY, "--latency" },
	{ CLI_PROBE_METHOD, "--method" },
	{ CLI_PROBE_REGEX, "--regex" },
	{ CLI_PROBE_STATUS, "--status" },
	{ CLI_PROBE_TIMEOUT, "--timeout" },
};

const char *
cli_probe_url_option(const struct cli_args *args)
{
	for (size_t i = 0; i < sizeof(of_urls) / sizeof(of_urls[0]); i++)
		if (args->options[of_urls[i].option])
			return of_urls[i].name;
	return NULL;
}

/* "Name: value", or "Name:" for one that is not to be sent. */
static bool
split_header(const char *text, struct arena *arena, struct conf_pair *pair,
	struct err *err)
{
	static const char blanks[] = " \t";
	const char *colon = strchr(text, ':');
	if (!colon) /* it may be a secret, and is not repeated */
		return err_set(err,
			"--header: expected a name, a colon and a value, such"
			" as 'Accept: text/html'");
	pair->key = arena_dup_n(arena, text, (size_t)(colon - text));
	const char *value = colon + 1 + strspn(colon + 1, blanks);
	size_t len = strlen(value);
	while (len > 0 && strchr(blanks, value[len - 1]))
		len--;
	pair->value = len > 0 ? arena_dup_n(arena, value, len) : NULL;
	return true;
}

static bool
read_headers(struct cli_probe_url *url, const struct cli_args *args,
	struct arena *arena, struct err *err)
{
	struct conf_pair *pairs =
		arena_alloc(arena, (args->n_given + 1) * sizeof(*pairs));
	size_t n = 0;
	for (size_t i = 0; i < args->n_given; i++)
		if (args->given[i].option == CLI_PROBE_HEADER
			&& !split_header(
				args->given[i].value, arena, &pairs[n++], err))
			return false;
	url->settings.headers = (struct conf_list){ pairs, n };
	return true;
}

static bool
read_timeout(struct cli_probe_url *url, const char *text, struct err *err)
{
	int64_t *ms = &url->settings.timeout_ms;
	*ms = TIMEOUT_MS;
	if (!text)
		return true;
	return (duration_parse(text, ms) && *ms > 0 && *ms <= TIMEOUT_MOST_MS)
		|| err_set(err,
			"--timeout %s: expected seconds such as 5, or 500ms,"
			" up to 1h",
			text);
}

static bool
add_expected(struct cli_probe_url *url, const struct expect_settings *expected,
	const char *option, struct err *err)
{
	url->expected[url->settings.expectation.count++] = *expected;
	return expect_conf_is_good(expected, err)
		|| err_prefix(err, "%s", option);
}

/* The status is looked at whatever else is. */
static bool
read_expected(
	struct cli_probe_url *url, const struct cli_args *args, struct err *err)
{
	const char *range = args->options[CLI_PROBE_STATUS];
	const char *seconds = args->options[CLI_PROBE_LATENCY];
	const char *regex = args->options[CLI_PROBE_REGEX];
	url->settings.expectation = (struct conf_list){ url->expected, 0 };
	url->wanted[0] = (struct conf_node){
		.kind = CONF_NODE_TEXT,
		.text = range ? range : "200-300",
	};
	url->wanted[1] = (struct conf_node){
		.kind = CONF_NODE_TEXT,
		.text = seconds,
	};
	const struct expect_settings status = {
		.type = "HTTP_STATUS",
		.status_range = &url->wanted[0],
	};
	const struct expect_settings latency = {
		.type = "LATENCY",
		.threshold = &url->wanted[1],
	};
	const struct expect_settings body = {
		.type = "REGEX",
		.regex = regex,
	};
	return add_expected(url, &status, "--status", err)
		&& (!seconds || add_expected(url, &latency, "--latency", err))
		&& (!regex || add_expected(url, &body, "--regex", err));
}

/* The host, and the port if it is not the usual one. */
static const char *
name_of(const char *text, struct arena *arena)
{
	const char *whole;
	struct url url;
	struct err err;
	if (!url_normalise(text, arena, &whole, &err)
		|| !url_parse(whole, arena, &url, &err))
		return "";
	bool is_usual = url.port == (str_eq(url.scheme, "https") ? 443 : 80);
	const char *host = strchr(url.host, ':')
		? arena_printf(arena, "[%s]", url.host)
		: url.host;
	return is_usual ? host : arena_printf(arena, "%s:%u", host, url.port);
}

bool
cli_probe_url(struct cli_probe_url *url, const struct cli_args *args,
	struct arena *arena, struct cli_probe_asked *asked, struct err *err)
{
	const char *method = args->options[CLI_PROBE_METHOD];
	*url = (struct cli_probe_url){
		.settings = {
			.url = args->operand,
			.method = method ? method : "GET",
			.insecure = args->options[CLI_PROBE_INSECURE] != NULL,
		},
	};
	if (!read_headers(url, args, arena, err)
		|| !read_timeout(url, args->options[CLI_PROBE_TIMEOUT], err)
		|| !read_expected(url, args, err)
		|| !http_conf_is_good(&url->settings, err))
		return false;
	*asked = (struct cli_probe_asked){
		.name = name_of(args->operand, arena),
		.type = &http_probe,
		.settings = &url->settings,
	};
	return true;
}
