/*
 * What is to stand at each endpoint is read as the file would be: once, before
 * a Cachet is asked for anything.
 */
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/cli/config.h"
#include "agent/cli/scrape.h"
#include "conf/conf.h"

enum {
	DRAFT_MAX = 64 * 1024,
};

static const char in_front[] = "endpoints[0] (a).";

static const struct {
	const char *key; /* as complaints begin */
	const char *option;
} places[] = {
	{ "action", "--action" },
	{ "allowed_fails", "--allowed-fails" },
	{ "expectation[0].status_range", "--status" },
	{ "frequency", "--frequency" },
	{ "method", "--method" },
	{ "timeout", "--timeout" },
};

struct listener {
	bool heard; /* the first one counts */
	struct err *err;
};

static void
on_complaint(void *cookie, enum conf_severity severity, const char *message)
{
	struct listener *listener = cookie;
	(void)severity;
	/* Quotes are ours: of what begins with a dash, for one. */
	if (listener->heard || strstr(message, "write it without quotes"))
		return;
	listener->heard = true;
	const char *rest = strstr(message, in_front);
	rest = rest ? rest + strlen(in_front) : message;
	const char *sentence = strstr(rest, ": ");
	err_set(listener->err, "%s", rest);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (sentence && str_starts(rest, places[i].key))
			err_set(listener->err, "%s%s", places[i].option,
				sentence);
}

bool
cli_scrape_vet(const struct scrape_defaults *defaults, struct arena *arena,
	struct err *err)
{
	const struct scrape nothing = { .arena = arena };
	const struct scrape_component component = {
		.id = 1,
		.endpoint = "a",
		.link = "http://localhost/",
	};
	struct conf_draft_endpoint endpoint;
	struct listener listener = { .err = err };
	struct buf out;
	buf_init(&out, DRAFT_MAX);
	cli_scrape_endpoint(&nothing, &component, defaults, &endpoint);
	buf_add_text(&out,
		"cachet: {api_url: 'http://localhost', token: a}\n"
		"endpoints:\n");
	conf_draft_lines(&out, "  ", &endpoint);
	const struct conf_text text = { out.data, out.len };
	const struct conf_types types = cli_config_types(arena);
	if (out.full)
		listener.heard = !err_set(err, "an option is too long");
	else
		conf_free(conf_load_text(
			"options", &text, &types, on_complaint, &listener));
	buf_finish(&out);
	return !listener.heard;
}
