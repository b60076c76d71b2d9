/* A pattern of an action, a NUL, and what somebody says. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/http/client.h"
#include "agent/http/url.h"
#include "conf/action.h"
#include "conf/action_fill.h"
#include "conf/action_pattern.h"
#include "tests/fuzz/fuzz.h"

/* The first word goes everywhere, and comes out as it was. */
static void
fill(const struct conf_action_words *words, struct arena *arena)
{
	static const char *const keys[] = { "value" };
	const char *field = arena_printf(arena, "{%s}", words->items[0].key);
	const struct conf_node value = {
		.kind = CONF_NODE_TEXT,
		.text = field,
	};
	const struct conf_node body = {
		.kind = CONF_NODE_MAP,
		.count = 1,
		.items = &value,
		.keys = keys,
	};
	const struct conf_pair header = { "X-Word", field };
	const struct conf_action action = {
		.name = "fuzz",
		.url = arena_printf(
			arena, "https://f.test:8443/a/%s/b?c=%s", field, field),
		.method = "POST",
		.headers = { &header, 1 },
		.body = &body,
	};
	const struct conf_action_said said = { .words = words, .id = "id" };
	struct http_request request;
	struct url_origin origin;
	struct err err = { "" };
	if (!conf_action_fill(&action, &said, arena, &request, &err)) {
		assert(err.text[0] != '\0');
		return;
	}
	assert(url_origin(request.url, &origin, &err));
	assert(origin.tls && origin.port == 8443
		&& str_eq(origin.host, "f.test"));
	assert(str_starts(request.url, "https://f.test:8443/a/"));
	assert(strchr(request.url, '?') == strrchr(request.url, '?'));
	assert(!strstr(request.url, "/../") && !strchr(request.url, '#'));
	json_t *json = json_loadb(request.body, request.body_len, 0, NULL);
	assert(json_object_size(json) == 1);
	assert(str_eq(json_string_value(json_object_get(json, "value")),
		words->items[0].value));
	json_decref(json);
}

static void
check_words(const struct conf_action_words *words)
{
	for (size_t i = 0; i < words->n; i++) {
		assert(*words->items[i].value != '\0');
		for (const char *at = words->items[i].value; *at != '\0'; at++)
			assert((unsigned char)*at > ' ' && *at != '\x7f');
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts parts;
	fuzz_split(data, size, &parts);
	struct arena *arena = arena_new();
	struct conf_action_pattern pattern;
	struct conf_action_words words = { .n = 0 };
	struct err err = { "" };
	const char *text = parts.text;
	const char *said = arena_dup_n(arena, parts.bytes, parts.len);
	const struct conf_action action = {
		.name = "fuzz",
		.patterns = { &text, 1 },
	};
	bool good = conf_action_pattern_read(text, arena, &pattern, &err);
	assert(good || err.text[0] != '\0');
	enum conf_action_match found =
		conf_action_match(&action, said, arena, &words, &err);
	assert(good || found == CONF_ACTION_DIFFERS);
	if (found == CONF_ACTION_MATCHES) {
		check_words(&words);
		if (words.n > 0)
			fill(&words, arena);
	}
	arena_free(arena);
	fuzz_free(&parts);
	return 0;
}
