/*
 * The answers of a Cachet, with NULs between them: what `curlew scrape` makes
 * of them is refused in one sentence, or is a configuration that loads.  The
 * first byte says of which generation it is; an answer that is no list is a
 * refusal.
 */
#include <assert.h>
#include <string.h>

#include <jansson.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/cli/scrape.h"
#include "conf/conf.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_types.h"

enum {
	TEXT_MAX = 16 * 1024 * 1024,
};

/* In place of agent/cli/scrape_find.c. */
struct scrape_talk {
	const char *at, *end;
	bool is_3;
};

static struct scrape_talk talk;

struct scrape_talk *
cli_scrape_talk_new(const struct scrape_source *source, struct arena *arena,
	struct err *err)
{
	(void)source, (void)arena, (void)err;
	return &talk;
}

void
cli_scrape_talk_free(struct scrape_talk *unused)
{
	(void)unused;
}

bool
cli_scrape_talk_begin(
	struct scrape_talk *unused, const char **api_url, struct err *err)
{
	(void)unused, (void)err;
	*api_url = "https://status.test/api";
	return true;
}

bool
cli_scrape_talk_is_3(const struct scrape_talk *unused)
{
	(void)unused;
	return talk.is_3;
}

int
cli_scrape_talk_status(const struct scrape_talk *unused)
{
	(void)unused;
	return 0;
}

void
cli_scrape_talk_progress(struct scrape_talk *unused, const char *text)
{
	(void)unused, (void)text;
}

enum scrape_answer
cli_scrape_talk_get(struct scrape_talk *unused, const char *path,
	struct json_t **root, struct err *err)
{
	(void)unused, (void)path;
	const char *next = memchr(talk.at, '\0', (size_t)(talk.end - talk.at));
	size_t len = (size_t)((next ? next : talk.end) - talk.at);
	*root = json_loadb(talk.at, len, 0, NULL);
	talk.at = next ? next + 1 : talk.end;
	if (json_is_array(json_object_get(*root, "data")))
		return SCRAPE_GOOD;
	json_decref(*root);
	*root = NULL;
	err_set(err, "refused");
	return SCRAPE_REFUSED;
}

static void
on_complaint(void *cookie, enum conf_severity severity, const char *message)
{
	if (severity == CONF_ERROR)
		buf_printf(cookie, "%s\n", message);
}

static void
compose(struct scrape *scrape, const struct scrape_defaults *defaults)
{
	const struct scrape_access access = { .ca_file = NULL };
	struct buf out, said;
	buf_init(&out, TEXT_MAX);
	buf_init(&said, TEXT_MAX);
	cli_scrape_text(&out, scrape, defaults, &access);
	const struct conf_text text = { out.data, out.len };
	struct conf *conf = conf_load_text(
		"made", &text, fuzz_types(), on_complaint, &said);
	if (!conf || conf->endpoints.count != cli_scrape_usable(scrape)) {
		fprintf(stderr, "%s\n%s", out.data, said.data);
		abort();
	}
	conf_free(conf);
	buf_finish(&said);
	buf_finish(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct scrape_defaults defaults = {
		.method = "GET",
		.status_range = "200-300",
		.incident = "MAJOR",
		.timeout = "1",
		.allowed_fails = "0",
		.action = "CREATE_INCIDENT, UPDATE_STATUS",
		.public_incidents = "true",
		.frequency = "30",
		.metrics = true,
	};
	if (size == 0)
		return 0;
	char *copy = mem_dup_n((const char *)data, size);
	talk = (struct scrape_talk){ copy + 1, copy + size, *data == '3' };
	struct arena *arena = arena_new();
	struct scrape scrape;
	struct err err = { "" };
	if (!cli_scrape_read(&scrape, NULL, arena, &err))
		assert(*err.text != '\0' && !strchr(err.text, '\n'));
	else if (cli_scrape_plan(&scrape, &defaults, NULL, &err)
		&& cli_scrape_usable(&scrape) > 0)
		compose(&scrape, &defaults);
	arena_free(arena);
	free(copy);
	return 0;
}
