#include "tests/support/credentials_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"

static const char *
variable(void *cookie, const char *name)
{
	const struct kit_story *story = cookie;
	size_t len = strlen(name);
	for (size_t i = 0; i < KIT_ENV && story->env[i]; i++)
		if (strncmp(story->env[i], name, len) == 0
			&& story->env[i][len] == '=')
			return story->env[i] + len + 1;
	return str_eq(name, "HOME") ? "/home/me" : NULL;
}

static bool
file(void *cookie, const char *path, struct buf *text, bool *missing,
	struct err *err)
{
	const struct kit_story *story = cookie;
	const struct kit_file *found = NULL;
	for (size_t i = 0; i < KIT_FILES && story->files[i].path; i++)
		if (str_eq(story->files[i].path, path))
			found = &story->files[i];
	*missing = !found;
	if (!found || !found->text)
		return err_set(err, "cannot read %s", path);
	return buf_add_text(text, found->text);
}

struct credentials_world
kit_world(const struct kit_story *story)
{
	union {
		const struct kit_story *story;
		void *cookie;
	} same = { .story = story };
	return (struct credentials_world){ variable, file, same.cookie };
}

const char *
kit_request(const struct http_request *request, struct arena *arena)
{
	const char *text =
		arena_printf(arena, "%s %s\n", request->method, request->url);
	for (size_t i = 0; i < request->n_headers; i++)
		text = arena_printf(arena, "%s%s: %s\n", text,
			request->headers[i].name, request->headers[i].value);
	const char *body = request->body;
	return arena_printf(arena, "%s\n%s", text, body ? body : "");
}

struct http_response
kit_response(const struct kit_exchange *exchange, struct arena *arena)
{
	const char *body = exchange->body ? exchange->body : "";
	bool came = exchange->status != 0;
	return (struct http_response){
		.fail = came ? HTTP_FAIL_NONE : HTTP_FAIL_REFUSED,
		.detail = came ? "" : "nobody is there",
		.status = exchange->status,
		.headers = came ? arena_printf(arena, "HTTP/1.1 %d\r\n%s",
				   exchange->status,
				   exchange->headers ? exchange->headers : "")
				: "",
		.body = body,
		.body_len = strlen(body),
	};
}

static const char *
outcome(const struct credentials_step *step, struct arena *arena)
{
	if (step->kind == CREDENTIALS_FOUND)
		return arena_printf(arena, "token %s", step->token);
	return arena_printf(arena, "%s: %s",
		step->passing ? "passing" : "failed", step->reason.text);
}

static void
check_request(const struct kit_story *story,
	const struct kit_exchange *exchange, const struct http_request *request,
	struct arena *arena)
{
	const char *text = kit_request(request, arena);
	if (!exchange->asks)
		fail_msg("%s: nobody expected\n%s", story->about, text);
	if (!str_starts(text, exchange->asks)
		|| (exchange->with && !strstr(text, exchange->with)))
		fail_msg("%s: expected\n%s\nwith %s\nbut it is\n%s",
			story->about, exchange->asks,
			exchange->with ? exchange->with : "nothing more", text);
	assert_true(request->total_ms > 0 && request->body_max > 0);
}

void
kit_play(const struct kit_story *story, struct credentials_keys *keys)
{
	struct arena *arena = arena_new();
	struct credentials_keys own = { 0 };
	struct credentials_world world = kit_world(story);
	const struct token_source source = { story->providers,
		story->n_providers > 0 ? story->n_providers : 1 };
	struct credentials_search search;
	credentials_search_init(
		&search, &source, &world, keys ? keys : &own, arena);

	struct credentials_step step = { 0 };
	credentials_search_step(&search, NULL, KIT_NOW_MS, &step);
	size_t said = 0;
	for (; step.kind == CREDENTIALS_SEND; said++) {
		assert_true(said < KIT_TALK);
		check_request(story, &story->talk[said], &step.request, arena);
		struct http_response answer =
			kit_response(&story->talk[said], arena);
		credentials_search_step(&search, &answer, KIT_NOW_MS, &step);
	}
	if (said < KIT_TALK && story->talk[said].asks)
		fail_msg("%s: it never asked for %s", story->about,
			story->talk[said].asks);
	const char *end = outcome(&step, arena);
	if (!str_eq(end, story->ends))
		fail_msg("%s: expected\n%s\nbut it ended with\n%s",
			story->about, story->ends, end);
	credentials_keys_finish(&own);
	arena_free(arena);
}

void
kit_play_all(const struct kit_story *stories, size_t n)
{
	for (size_t i = 0; i < n; i++)
		kit_play(&stories[i], NULL);
}
